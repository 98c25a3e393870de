package dev.fairway.server.web;

import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import gg.jte.Content;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

/// A feature with a list, a page of a change, and a part that is live.
final class SampleFeature implements Routes {
  static final ChangeReference CHANGE =
      new ChangeReference(UUID.fromString("01900000-0000-7000-8000-000000000001"), "9f3c1ab");

  private final Web web;
  private final TestSite.Ground ground;
  final AtomicInteger shown = new AtomicInteger();

  /// @param waiting how many approvals wait for everybody
  SampleFeature(TestSite.Ground ground, AtomicInteger waiting) {
    this.ground = ground;
    this.web = ground.web();
    web.add(new NavigationItem(NavigationItem.Area.DELIVER, "Runs", "/runs", Permission.RUN_READ));
    web.add(
        new NavigationItem(
            NavigationItem.Area.DELIVER,
            "Approvals",
            "/approvals",
            Permission.DEPLOYMENT_APPROVE,
            new NavigationItem.Waiting("environments", (_, _) -> waiting.get())));
    web.add(
        (BuoySource)
            (_, _) ->
                List.of(
                    new Buoy("Commit", StateMark.OK, "9f3c1ab", Instant.now(), "/runs"),
                    new Buoy("Run #218", StateMark.RUN, "running", Instant.now(), "/runs/218"),
                    new Buoy("Release 1.41.0", StateMark.BAD, "refused", null, "/runs")));
    web.add(
        (BuoySource)
            (_, _) ->
                List.of(
                    new Buoy("Staging", StateMark.WAIT, "waits for a free target", null, null),
                    Buoy.ahead("Production", "needs 2 approvals")));
    web.add(
        (PaletteSource)
            (_, _, query, _) ->
                "payments #218".contains(query)
                    ? List.of(
                        new PaletteSource.PaletteEntry(
                            "run",
                            "payments #218",
                            "Refuse transfers beyond the limit",
                            "/runs/218"))
                    : List.of());
    web.seal(_ -> Optional.of(new SealSource.Seal(48_211, Instant.now(), true)));
  }

  @Override
  public void register(RouteTable routes) {
    routes.get("/runs", Permission.RUN_READ, this::list);
    routes.get("/runs/218", Permission.RUN_READ, this::run);
    routes.get(
        "/runs/218/state",
        Permission.RUN_READ,
        exchange -> exchange.html("<p id=\"state\">state " + shown.incrementAndGet() + "</p>"));
  }

  private void list(Exchange exchange) {
    page(
        exchange,
        Page.of("Runs").in("/runs"),
        """
        <h1>Runs</h1>
        <section class="card"><table><thead><tr><th>Run</th></tr></thead><tbody data-list>
        <tr><td><a href="/runs/217">#217</a></td></tr>
        <tr><td><a href="/runs/218">#218</a></td></tr>
        <tr><td><a href="/runs/219">#219</a></td></tr>
        </tbody></table></section>
        """);
  }

  private void run(Exchange exchange) {
    var ribbon = ground.database().read(tx -> web.ribbon(tx, CHANGE));
    var drawn = new gg.jte.output.StringOutput();
    web.part(exchange, "tag/ribbon.jte", Map.of("ribbon", ribbon)).writeTo(drawn);
    page(
        exchange,
        Page.of("#218").in("/runs").under("payments", "/projects/payments").under("Runs", "/runs"),
        "<h1>Refuse transfers beyond the daily limit</h1>"
            + drawn
            + "<live-part src=\"/runs/218/state\" events=\"run:218\"><p id=\"state\">state"
            + " 0</p></live-part>");
  }

  private void page(Exchange exchange, Page page, String html) {
    Content content = output -> output.writeContent(html);
    web.render(exchange, page, "layout.jte", Map.of("content", content));
  }
}

package dev.fairway.server.web;

import dev.fairway.server.db.Database;
import dev.fairway.server.http.Caller;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.web.PaletteSource.PaletteEntry;
import gg.jte.Content;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.ToLongFunction;
import org.jdbi.v3.core.Handle;

/// Renders pages, and holds what features contribute to all of them.
public final class Web {
  private static final int PALETTE_ENTRIES = 20;
  private static final int PALETTE_ENTRIES_PER_SOURCE = 8;

  private final Database database;
  private final InstantSource clock;
  private final Assets assets;
  private final TemplateEngine templates = TemplateEngine.createPrecompiled(ContentType.Html);
  private final List<NavigationItem> navigation = new CopyOnWriteArrayList<>();
  private final List<BuoySource> buoySources = new CopyOnWriteArrayList<>();
  private final List<PaletteSource> paletteSources = new CopyOnWriteArrayList<>();
  private volatile SealSource sealSource = _ -> Optional.empty();

  Web(Database database, InstantSource clock, Assets assets) {
    this.database = database;
    this.clock = clock;
    this.assets = assets;
  }

  // At composition

  /// Adds a place to the sidebar, after those of its area that are there.
  public void add(NavigationItem item) {
    navigation.add(item);
  }

  /// Adds a feature's buoys to the ribbon, after those that are there.
  public void add(BuoySource source) {
    buoySources.add(source);
  }

  public void add(PaletteSource source) {
    paletteSources.add(source);
  }

  public void seal(SealSource source) {
    sealSource = source;
  }

  // In handlers

  /// Answers with a page: the template gets `shell` and the parameters.
  public void render(
      Exchange exchange, Page page, String template, Map<String, Object> parameters) {
    var caller = exchange.caller();
    var frame =
        caller.kind() == Caller.Kind.PERSON
            ? database.read(tx -> frame(tx, caller))
            : Shell.Frame.NONE;
    exchange.html(html(shell(page, caller, frame), template, parameters));
  }

  /// Answers with a part of a page, for `live-part` and htmx.
  public void fragment(Exchange exchange, String template, Map<String, Object> parameters) {
    var shell = shell(Page.of(""), exchange.caller(), Shell.Frame.NONE);
    exchange.html(html(shell, template, parameters));
  }

  /// Answers with the places of the sidebar and what waits there now.
  ///
  /// @param section the path of the one where the page belongs
  void navigation(Exchange exchange, String section) {
    var caller = exchange.caller();
    var frame =
        database.read(tx ->
            new Shell.Frame(
                groups(caller, item -> item.waiting().count().waitingFor(tx, caller)), null));
    var shell = shell(Page.of("").in(section), caller, frame);
    exchange.html(html(shell, "web/navigation.jte", Map.of()));
  }

  /// A part of a page for another feature to put into its template.
  public Content part(Exchange exchange, String template, Map<String, Object> parameters) {
    var all = new HashMap<>(parameters);
    all.put("shell", shell(Page.of(""), exchange.caller(), Shell.Frame.NONE));
    return output -> templates.render(template, all, output);
  }

  /// The fairway of a change, from all features.
  public Ribbon ribbon(Handle tx, ChangeReference change) {
    return new Ribbon(
        buoySources.stream().flatMap(source -> source.buoys(tx, change).stream()).toList());
  }

  /// A page without anything that needs the database: for what went wrong.
  String bare(Caller caller, Page page, String template, Map<String, Object> parameters) {
    var frame = new Shell.Frame(groups(caller, _ -> 0), null);
    return html(shell(page, caller, frame), template, parameters);
  }

  /// Where a person goes who asks for nothing in particular.
  Optional<String> home(Caller caller) {
    return navigation.stream()
        .filter(item -> caller.may(item.permission()))
        .min(Comparator.comparing(NavigationItem::area))
        .map(NavigationItem::path);
  }

  List<PaletteEntry> find(Caller caller, String query) {
    var words = query.toLowerCase(Locale.ROOT);
    var found = new ArrayList<PaletteEntry>();
    navigation.stream()
        .filter(item -> caller.may(item.permission()))
        .filter(item -> item.label().toLowerCase(Locale.ROOT).contains(words))
        .map(item -> new PaletteEntry("page", item.label(), item.area().title(), item.path()))
        .forEach(found::add);
    database.run(tx -> {
      for (var source : paletteSources) {
        found.addAll(source.find(tx, caller, query, PALETTE_ENTRIES_PER_SOURCE));
      }
    });
    return found.stream().limit(PALETTE_ENTRIES).toList();
  }

  private Shell shell(Page page, Caller caller, Shell.Frame frame) {
    return new Shell(page, caller, frame, assets, clock.instant());
  }

  private Shell.Frame frame(Handle tx, Caller caller) {
    return new Shell.Frame(
        groups(caller, item -> item.waiting().count().waitingFor(tx, caller)),
        sealSource.seal(tx).orElse(null));
  }

  private List<Shell.Group> groups(Caller caller, ToLongFunction<NavigationItem> waiting) {
    return Arrays.stream(NavigationItem.Area.values())
        .map(area ->
            new Shell.Group(
                area,
                navigation.stream()
                    .filter(item -> item.area() == area && caller.may(item.permission()))
                    .map(item ->
                        new Shell.Entry(
                            item.label(),
                            item.path(),
                            waiting.applyAsLong(item),
                            item.waiting().topic()))
                    .toList()))
        .filter(group -> !group.entries().isEmpty())
        .toList();
  }

  private String html(Shell shell, String template, Map<String, Object> parameters) {
    var all = new HashMap<>(parameters);
    all.put("shell", shell);
    var output = new StringOutput();
    templates.render(template, all, output);
    return output.toString();
  }
}

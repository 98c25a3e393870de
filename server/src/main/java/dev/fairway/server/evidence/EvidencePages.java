package dev.fairway.server.evidence;

import dev.fairway.api.Json;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.web.Page;
import dev.fairway.server.web.Web;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.SerializationFeature;

/// The ledger for people: a list, and one entry with the state of its proof.
final class EvidencePages implements Routes {
  static final String PATH = "/evidence";

  private final LedgerReader reader;
  private final Web web;

  EvidencePages(LedgerReader reader, Web web) {
    this.reader = reader;
    this.web = web;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get(PATH, Permission.EVIDENCE_READ, this::list);
    routes.get(PATH + "/{index}", Permission.EVIDENCE_READ, this::entry);
  }

  private void list(Exchange exchange) {
    var wanted = exchange.list();
    var filter = EvidenceRoutes.filter(exchange, wanted);
    var listing = reader.list(filter);
    var page = wanted.cut(listing.entries(), LedgerEntry::index);
    web.render(
        exchange,
        Page.of("Evidence").in(PATH),
        "evidence/list.jte",
        Map.of(
            "entries",
            page.items(),
            "size",
            listing.size(),
            "about",
            filter.about(),
            "older",
            Objects.requireNonNullElse(page.next(), "")));
  }

  private void entry(Exchange exchange) {
    var shown = reader.show(exchange.pathNumber("index"));
    web.render(
        exchange,
        Page.of("Entry " + shown.entry().index()).in(PATH).under("Evidence", PATH),
        "evidence/entry.jte",
        Map.of(
            "entry",
            shown.entry(),
            "about",
            shown.entry().about().stream().sorted().toList(),
            "predicate",
            Json.MAPPER
                .writer()
                .with(SerializationFeature.INDENT_OUTPUT)
                .writeValueAsString(shown.entry().predicate()),
            "verdict",
            EvidenceRoutes.verdict(shown.verdict())));
  }
}

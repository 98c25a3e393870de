package dev.fairway.server.evidence;

import dev.fairway.api.FairwayException;
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
  private final Erasures erasures;
  private final SignInAgain again;
  private final Web web;

  EvidencePages(LedgerReader reader, Erasures erasures, SignInAgain again, Web web) {
    this.reader = reader;
    this.erasures = erasures;
    this.again = again;
    this.web = web;
  }

  @Override
  public void register(RouteTable routes) {
    routes.get(PATH, Permission.EVIDENCE_READ, this::list);
    routes.get(PATH + "/{index}", Permission.EVIDENCE_READ, exchange -> entry(exchange, ""));
    routes.post(PATH + "/{index}/erase", Permission.EVIDENCE_ERASE, this::erase);
  }

  private void list(Exchange exchange) {
    var wanted = exchange.list();
    var filter = EvidenceRoutes.filter(exchange, wanted);
    var listing = reader.list(filter);
    var page = wanted.cut(listing.entries(), listed -> listed.entry().index());
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

  private void erase(Exchange exchange) {
    var index = exchange.pathNumber("index");
    try {
      again.confirm(exchange, exchange.form("password"));
      erasures.erase(index, exchange.form("reason"), exchange.caller().name());
      exchange.redirect(PATH + "/" + index);
    } catch (FairwayException refusal) {
      exchange.status(refusal.code().status());
      entry(exchange, refusal.getMessage() + ". " + refusal.next());
    }
  }

  /// @param refusal why what was asked was not done; empty where nothing was
  private void entry(Exchange exchange, String refusal) {
    var shown = reader.show(exchange.pathNumber("index"));
    var entry = shown.listed().entry();
    web.render(
        exchange,
        Page.of("Entry " + entry.index()).in(PATH).under("Evidence", PATH),
        "evidence/entry.jte",
        Map.of(
            "listed",
            shown.listed(),
            "standing",
            shown.standing(),
            "provable",
            shown.proof().isPresent(),
            "about",
            entry.about().stream().sorted().toList(),
            "predicate",
            Json.MAPPER
                .writer()
                .with(SerializationFeature.INDENT_OUTPUT)
                .writeValueAsString(entry.predicate()),
            "refusal",
            refusal));
  }
}

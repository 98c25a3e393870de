package dev.fairway.server.run;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import dev.fairway.server.web.Page;
import dev.fairway.server.web.Web;
import dev.fairway.workflow.InputDefinition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The form by which people start a workflow.
public final class DispatchPages implements Routes {
  private static final String PATH = "/projects/{name}/runs/new";

  /// How the fields of inputs begin, so that no input is taken for another field of the form.
  private static final String FIELD = "input.";

  private final Dispatches dispatches;
  private final Web web;

  DispatchPages(Dispatches dispatches, Web web) {
    this.dispatches = dispatches;
    this.web = web;
  }

  /// One field of the form.
  ///
  /// @param value as text
  /// @param problem why it was refused; empty if it was not
  public record Field(String name, InputDefinition input, String value, String problem) {
    public String field() {
      return FIELD + name;
    }

    /// How the element of its problem is called.
    public String problemId() {
      return "problem-" + name;
    }
  }

  /// A workflow to choose.
  public record Choice(String path, String name, boolean chosen) {}

  /// What the page shows.
  ///
  /// @param ref what was asked for, as it was written; a name of `branches` or `tags` in full if it
  ///   is one
  /// @param workflow the path of the chosen one; null where there is none
  /// @param refusal of the whole form; empty if there was none
  public record Form(
      String project,
      List<String> branches,
      List<String> tags,
      String ref,
      List<Choice> workflows,
      @Nullable String workflow,
      List<Field> fields,
      List<String> environments,
      String refusal) {
    public String path() {
      return "/projects/" + project + "/runs/new";
    }
  }

  @Override
  public void register(RouteTable routes) {
    routes.get(PATH, Permission.RUN_WRITE, this::ask);
    routes.post(PATH, Permission.RUN_WRITE, this::start);
  }

  private void ask(Exchange exchange) {
    show(
        exchange,
        exchange.query("ref").orElse(""),
        exchange.query("workflow").orElse(""),
        null,
        null);
  }

  private void start(Exchange exchange) {
    var project = dispatches.project(exchange.path("name"));
    var ref = exchange.form("ref");
    var path = exchange.form("workflow");
    var given = new LinkedHashMap<String, String>();
    try {
      dispatches.offers(project, dispatches.ref(project, ref)).stream()
          .filter(offer -> offer.path().equals(path))
          .forEach(
              offer -> offer.inputs().forEach((name, input) -> take(exchange, name, input, given)));
      var run = dispatches.start(project, path, ref, given, exchange.caller().name());
      exchange.redirect(run.path());
    } catch (FairwayException e) {
      if (e.code() != ErrorCode.UNPROCESSABLE && e.code() != ErrorCode.NOT_FOUND) {
        throw e;
      }
      exchange.status(e.code().status());
      show(exchange, ref, path, given, e);
    }
  }

  /// A box without its tick sends nothing; any other empty field leaves the input to its default,
  /// except for a text, which may be empty.
  private static void take(
      Exchange exchange, String name, InputDefinition input, Map<String, String> given) {
    var value = exchange.form(FIELD + name);
    switch (input.type()) {
      case BOOLEAN -> given.put(name, Boolean.toString(value.equals("true")));
      case STRING -> given.put(name, value);
      case NUMBER, CHOICE, ENVIRONMENT -> {
        if (!value.isBlank()) {
          given.put(name, value.strip());
        }
      }
    }
  }

  private void show(
      Exchange exchange,
      String wanted,
      String path,
      @Nullable Map<String, String> given,
      @Nullable FairwayException refused) {
    var project = dispatches.project(exchange.path("name"));
    var refs = dispatches.refs(project);
    var refusal = refused;
    var offers = List.<Dispatches.Offer>of();
    var ref = wanted;
    try {
      var found = dispatches.ref(project, wanted);
      ref = found.name();
      offers = dispatches.offers(project, found);
    } catch (FairwayException e) {
      refusal = refusal == null ? e : refusal;
    }
    var chosen =
        offers.stream()
            .filter(offer -> offer.path().equals(path))
            .findFirst()
            .or(offers.stream()::findFirst);
    var problems = problems(refusal);
    var values = given == null ? chosen.map(Dispatches::defaults).orElse(Map.of()) : given;
    var fields =
        chosen.map(Dispatches.Offer::inputs).orElse(Map.of()).entrySet().stream()
            .map(input ->
                new Field(
                    input.getKey(),
                    input.getValue(),
                    values.getOrDefault(input.getKey(), ""),
                    problems.getOrDefault(input.getKey(), "")))
            .toList();
    var workflow = chosen.map(Dispatches.Offer::path).orElse(null);
    var form =
        new Form(
            project.name(),
            refs.branches(),
            refs.tags(),
            ref,
            offers.stream()
                .map(offer -> new Choice(offer.path(), offer.name(), offer.path().equals(workflow)))
                .toList(),
            workflow,
            fields,
            dispatches.environments(),
            refusal == null || !problems.isEmpty() ? "" : sentence(refusal));
    var runs = "/projects/" + project.name() + "/runs";
    web.render(
        exchange,
        Page.of("Run a workflow")
            .in("/runs")
            .under(project.name(), "/projects/" + project.name())
            .under("Runs", runs),
        "run/dispatch.jte",
        Map.of("form", form));
  }

  private static String sentence(FairwayException refusal) {
    return refusal.getMessage() + ". " + refusal.next();
  }

  private static Map<String, String> problems(@Nullable FairwayException refusal) {
    var problems = new LinkedHashMap<String, String>();
    if (refusal != null && refusal.details().get(RunStarter.INPUTS) instanceof Map<?, ?> inputs) {
      inputs.forEach((name, problem) -> problems.put(name.toString(), problem.toString()));
    }
    return problems;
  }
}

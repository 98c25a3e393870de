/// Pages: the shell around them, the parts that they share, and what keeps them live.
///
/// ## A page in five minutes
///
/// A template under `server/src/main/jte/FEATURE/NAME.jte` takes the [Shell] and what the feature
/// gives it:
///
/// ```
/// @import dev.fairway.server.web.Shell
/// @import dev.fairway.server.web.Ribbon
/// @import dev.fairway.server.run.RunView
/// @param Shell shell
/// @param Ribbon ribbon
/// @param RunView run
/// @template.layout(shell = shell, content = @`
///   @template.tag.head(title = run.title(), sub = @`
///     @template.tag.state(mark = run.mark(), word = run.word())
///     <span>started @template.tag.time(at = run.startedAt())</span>
///   `, actions = @`
///     <form method="post" action="/runs/${run.id()}/cancel">
///       @template.tag.csrf(shell = shell)
///       <button class="btn">Cancel</button>
///     </form>
///   `)
///   @template.tag.ribbon(ribbon = ribbon)
///   <live-part src="/runs/${run.id()}/jobs" events="run:${run.id()}">
///     @template.run.jobs(shell = shell, run = run)
///   </live-part>
/// `)
/// ```
///
/// and its handler is thin:
///
/// ```
/// routes.get("/runs/{id}", Permission.RUN_READ, exchange -> {
///   var view = database.read(tx -> RunView.of(tx, exchange.pathId("id")));
///   var ribbon = database.read(tx -> web.ribbon(tx, view.change()));
///   var page = Page.of("Run " + view.number()).in("/runs")
///       .under(view.project(), "/projects/" + view.project()).under("Runs", "/runs");
///   web.render(exchange, page, "run/run.jte", Map.of("run", view, "ribbon", ribbon));
/// });
/// routes.get("/runs/{id}/jobs", Permission.RUN_READ, exchange ->
///     web.fragment(exchange, "run/jobs.jte", Map.of("run", ...)));
/// ```
///
/// and, in the transaction that changes the run, `LiveEvents.publish(tx, "run:" + id)`. Render
/// outside of transactions: the shell opens one of its own for the counts beside the navigation.
///
/// ## Parts
///
/// Tags (`@template.tag.NAME`): `head` (title, sub, actions), `state` (mark, word), `pill` (mark,
/// text), `time` (at: relative, exact on hover), `elapsed` (since: ticks), `ribbon`, `csrf` (in
/// every form that posts), `empty` (title, text, command, actions: what belongs here and what fills
/// it), `copy` (value), `confirm` (label, title, content, actions: a button that opens a dialog),
/// `proof` (digest). Lists that j/k walk carry `data-list`; the first link of each row is what
/// Enter opens. Figures are written by [Format], so that they look the same everywhere.
///
/// Styles and scripts lie under `server/src/main/resources/static` and are named by
/// `shell.asset("x.js")`; a page that needs its own script says `Page.of(…).script("x.js")`. The
/// content security policy allows no inline script and no `style` attribute: use the classes of
/// `fairway.css`, and custom elements that set themselves up in `connectedCallback`.
///
/// ## What features contribute
///
/// At composition, to [Web]: [NavigationItem]s, [BuoySource]s for the ribbon in the order of the
/// path, [PaletteSource]s for Ctrl K, and (evidence) the [SealSource].
@NullMarked
package dev.fairway.server.web;

import org.jspecify.annotations.NullMarked;

package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Finds what strangers choose: the title of an issue, the name of a branch, the message of a
/// commit. Written into a script by `${{ }}`, it is executed.
final class Untrusted {
  /// Paths in the `github` context, as GitHub's guide to script injection lists their endings. What
  /// somebody gave who may start runs is not among them.
  private static final Pattern CHOSEN_BY_STRANGERS =
      Pattern.compile(
          """
          github\\.(head_ref|event\\.(?!inputs\\.|client_payload\\.)(.+\\.)?(\
          title|body|message|description|display_title|page_name\
          |default_branch|head_branch|head_ref|(head|\\*)\\.(ref|label)\
          |(author|committer|pusher)\\.(name|email)))\
          """);

  private static final Pattern WHOLE = Pattern.compile("github(\\.event(\\..+)?)?");

  private Untrusted() {}

  /// The lookups whose text becomes part of the expression's value and that strangers choose.
  static List<String> in(Node node) {
    return switch (node) {
      case Node.Literal _, Node.Not _, Node.Comparison _ -> List.of();
      case Node.Context _, Node.Index _, Node.Wildcard _ ->
          Stream.of(path(node))
              .filter(path -> CHOSEN_BY_STRANGERS.matcher(path).matches())
              .toList();
      case Node.Logical logical -> all(logical.operands());
      case Node.Call call ->
          switch (call.function()) {
            case FORMAT, JOIN, CASE, FROM_JSON -> all(call.arguments());
            case TO_JSON -> {
              Node whole = call.arguments().getFirst();
              List<String> found = new ArrayList<>(in(whole));
              Stream.of(path(whole))
                  .filter(path -> WHOLE.matcher(path).matches())
                  .forEach(found::add);
              yield found.stream().distinct().toList();
            }
            case CONTAINS,
                STARTS_WITH,
                ENDS_WITH,
                HASH_FILES,
                ALWAYS,
                SUCCESS,
                FAILURE,
                CANCELLED ->
                List.of();
          };
    };
  }

  private static List<String> all(List<Node> nodes) {
    return nodes.stream().flatMap(node -> in(node).stream()).distinct().toList();
  }

  /// `github.event.commits.*.message`: lower case, and a star where the member is not fixed text.
  private static String path(Node node) {
    List<String> names = new ArrayList<>();
    Node at = node;
    while (true) {
      switch (at) {
        case Node.Index index -> {
          names.addFirst(
              index.key() instanceof Node.Literal literal
                      && literal.value() instanceof Value.Str name
                  ? name.value()
                  : "*");
          at = index.target();
        }
        case Node.Wildcard wildcard -> {
          names.addFirst("*");
          at = wildcard.target();
        }
        case Node.Context context -> {
          names.addFirst(context.name());
          return String.join(".", names).toLowerCase(Locale.ROOT);
        }
        case Node.Literal _, Node.Not _, Node.Logical _, Node.Comparison _, Node.Call _ -> {
          names.addFirst("*");
          return String.join(".", names).toLowerCase(Locale.ROOT);
        }
      }
    }
  }
}

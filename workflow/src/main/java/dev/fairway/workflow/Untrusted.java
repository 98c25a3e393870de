package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// Finds what strangers choose: the title of an issue, the name of a branch, the message of a
/// commit. Written into a script by `${{ }}`, it is executed.
final class Untrusted {
  /// Paths in the `github` context, as GitHub's guide to script injection lists their endings.
  private static final Pattern CHOSEN_BY_STRANGERS =
      Pattern.compile(
          """
          github\\.(head_ref|event\\.(.+\\.)?(\
          title|body|message|description|display_title|page_name\
          |default_branch|head_branch|head_ref|head\\.(ref|label)\
          |(author|committer|pusher)\\.(name|email)))\
          """);

  private static final Pattern WHOLE = Pattern.compile("github(\\.event(\\..+)?)?");

  private Untrusted() {}

  /// The first lookup whose text becomes part of the expression's value and that strangers choose.
  static Optional<String> in(Node node) {
    return switch (node) {
      case Node.Literal _, Node.Not _, Node.Comparison _ -> Optional.empty();
      case Node.Context _, Node.Index _, Node.Wildcard _ ->
          Optional.of(path(node)).filter(path -> CHOSEN_BY_STRANGERS.matcher(path).matches());
      case Node.Logical logical -> first(logical.operands());
      case Node.Call call ->
          switch (call.function()) {
            case FORMAT, JOIN, CASE, FROM_JSON -> first(call.arguments());
            case TO_JSON ->
                Optional.of(path(call.arguments().getFirst()))
                    .filter(path -> WHOLE.matcher(path).matches());
            case CONTAINS,
                STARTS_WITH,
                ENDS_WITH,
                HASH_FILES,
                ALWAYS,
                SUCCESS,
                FAILURE,
                CANCELLED ->
                Optional.empty();
          };
    };
  }

  private static Optional<String> first(List<Node> nodes) {
    return nodes.stream().map(Untrusted::in).flatMap(Optional::stream).findFirst();
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

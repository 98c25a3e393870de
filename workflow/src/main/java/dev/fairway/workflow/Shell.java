package dev.fairway.workflow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What runs the script of a step.
public sealed interface Shell {

  /// One that is named by a word.
  enum Known implements Shell {
    BASH("bash"),
    SH("sh"),
    PYTHON("python"),
    /// PowerShell, on agents that have it.
    PWSH("pwsh");

    private final String word;

    Known(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  /// A command of the user's.
  ///
  /// @param words program and arguments; at least one holds [#SCRIPT]
  record Custom(List<String> words) implements Shell {
    /// The place where the path of the script goes.
    public static final String SCRIPT = "{0}";

    public Custom {
      words = List.copyOf(words);
    }

    /// The words with the script in its place.
    public List<String> command(String script) {
      return words.stream().map(word -> word.replace(SCRIPT, script)).toList();
    }
  }

  static Optional<Shell> named(String text) {
    Optional<Shell> known =
        Arrays.stream(Known.values())
            .filter(shell -> shell.word().equalsIgnoreCase(text))
            .map(Shell.class::cast)
            .findFirst();
    return known.or(() ->
        Optional.of(words(text))
            .filter(words ->
                words.size() > 1
                    && !words.getFirst().contains(Custom.SCRIPT)
                    && words.stream().anyMatch(word -> word.contains(Custom.SCRIPT)))
            .map(Custom::new));
  }

  /// What is wrong with a shell that is none of ours.
  static String problem(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "" -> "Unexpected value ''";
      case "cmd", "powershell" ->
          ("The shell '%s' is not supported: no agent runs on Windows. Use bash, or pwsh where an"
                  + " agent has PowerShell")
              .formatted(text);
      case String _ ->
          ("Invalid shell option '%s'. Shell must be a valid built-in (bash, sh, python, pwsh) or a"
                  + " format string containing '{0}'")
              .formatted(text);
    };
  }

  /// Words between blanks; double quotes keep blanks together.
  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean quoted = false;
    boolean begun = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"') {
        quoted = !quoted;
        begun = true;
      } else if (!quoted && Character.isWhitespace(c)) {
        if (begun) {
          words.add(word.toString());
          word.setLength(0);
        }
        begun = false;
      } else {
        word.append(c);
        begun = true;
      }
    }
    if (begun) {
      words.add(word.toString());
    }
    return words;
  }
}

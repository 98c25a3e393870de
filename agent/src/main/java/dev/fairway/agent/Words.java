package dev.fairway.agent;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.util.ArrayList;
import java.util.List;

/// Cuts one line of arguments into words as a shell would, with quotes and backslashes, and with
/// nothing else that a shell does.
final class Words {
  private Words() {}

  static List<String> of(String line) {
    var words = new ArrayList<String>();
    var word = new StringBuilder();
    var begun = false;
    var quote = '\0';
    for (var at = 0; at < line.length(); at++) {
      var c = line.charAt(at);
      if (quote != '\0' && c == quote) {
        quote = '\0';
      } else if (quote == '\0' && (c == '\'' || c == '"')) {
        quote = c;
        begun = true;
      } else if (c == '\\' && quote != '\'' && at + 1 < line.length()) {
        at++;
        word.append(line.charAt(at));
        begun = true;
      } else if (quote == '\0' && Character.isWhitespace(c)) {
        if (begun) {
          words.add(word.toString());
          word.setLength(0);
          begun = false;
        }
      } else {
        word.append(c);
        begun = true;
      }
    }
    if (quote != '\0') {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "`" + line + "` has a quote that is not closed", "");
    }
    if (begun) {
      words.add(word.toString());
    }
    return words;
  }
}

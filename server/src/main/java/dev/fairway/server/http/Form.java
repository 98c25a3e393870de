package dev.fairway.server.http;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The fields of a submitted form, in the order in which they came.
record Form(Map<String, List<String>> fields) {
  static final String MEDIA_TYPE = "application/x-www-form-urlencoded";
  static final Form EMPTY = new Form(Map.of());

  private static final int MAX_FIELDS = 1_000;

  static Form parse(byte[] body) {
    var fields = new HashMap<String, List<String>>();
    var pairs = new String(body, StandardCharsets.US_ASCII).split("&", MAX_FIELDS + 1);
    if (pairs.length > MAX_FIELDS) {
      throw new FairwayException(
          ErrorCode.TOO_LARGE, "The form has more than " + MAX_FIELDS + " fields", "");
    }
    for (var pair : pairs) {
      var equals = pair.indexOf('=');
      if (equals > 0) {
        fields
            .computeIfAbsent(decoded(pair.substring(0, equals)), _ -> new ArrayList<>())
            .add(decoded(pair.substring(equals + 1)));
      }
    }
    return new Form(fields);
  }

  private static String decoded(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "The form is not encoded as forms are", "", e);
    }
  }

  List<String> all(String name) {
    return fields.getOrDefault(name, List.of());
  }
}

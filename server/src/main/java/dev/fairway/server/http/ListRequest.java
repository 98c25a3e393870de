package dev.fairway.server.http;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Listing;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Which part of a list is asked for: `limit` items after the one that the cursor names.
///
/// A cursor names an item by a key of its own, so what is added or removed meanwhile neither
/// repeats nor skips anything.
public record ListRequest(Optional<String> after, int limit) {
  public static final int DEFAULT_LIMIT = 50;
  public static final int MAX_LIMIT = 200;

  /// Reads `cursor` and `limit` of the query.
  static ListRequest of(Exchange exchange) {
    var limit = exchange.queryNumber("limit", DEFAULT_LIMIT, 1, MAX_LIMIT);
    return new ListRequest(exchange.query("cursor").map(ListRequest::decoded), (int) limit);
  }

  /// The same place in a list that shows so many at a time.
  public ListRequest limitedTo(int items) {
    return new ListRequest(after, Math.min(limit, items));
  }

  /// The id that the cursor names; null at the beginning.
  public @Nullable UUID afterId() {
    try {
      return after.map(UUID::fromString).orElse(null);
    } catch (IllegalArgumentException e) {
      throw refusal();
    }
  }

  /// The number that the cursor names; empty at the beginning.
  public Optional<Long> afterNumber() {
    try {
      return after.map(Long::valueOf);
    } catch (NumberFormatException e) {
      throw refusal();
    }
  }

  /// How many items to look up: one more than wanted tells whether there is a next part.
  public int fetch() {
    return limit + 1;
  }

  /// What of the looked-up items was asked for.
  ///
  /// @param key names an item for the cursor
  public <T> Listing<T> cut(List<T> found, Function<? super T, ?> key) {
    if (found.size() <= limit) {
      return Listing.whole(found);
    }
    var items = found.subList(0, limit);
    return new Listing<>(items, encoded(key.apply(items.getLast()).toString()));
  }

  private static String encoded(String key) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(key.getBytes(StandardCharsets.UTF_8));
  }

  private static String decoded(String cursor) {
    try {
      return new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw refusal();
    }
  }

  private static FairwayException refusal() {
    return new FairwayException(
        ErrorCode.INVALID_INPUT,
        "The cursor is not one of this list",
        "Begin without a cursor, and go on with the 'next' of each answer.");
  }
}

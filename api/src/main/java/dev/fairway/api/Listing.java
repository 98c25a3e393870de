package dev.fairway.api;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A part of a list, or all of it: the answer of every route that lists something.
///
/// @param next the `cursor` that asks for what comes after these items; null where nothing does.
///   Its text means nothing to anybody but the server that made it
public record Listing<T>(List<T> items, @Nullable String next) {
  public Listing {
    items = List.copyOf(items);
  }

  /// A list that has no more parts.
  public static <T> Listing<T> whole(List<T> items) {
    return new Listing<>(items, null);
  }

  /// The same part, each item in other words.
  public <R> Listing<R> map(Function<? super T, ? extends R> words) {
    return new Listing<>(items.stream().<R>map(words).toList(), next);
  }
}

package dev.fairway.server.identity;

import com.password4j.Argon2Function;
import com.password4j.Password;
import com.password4j.types.Argon2;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Hashes and checks passwords with Argon2id.
final class Passwords {
  static final int MIN_CHARS = 12;
  static final int MAX_CHARS = 256;

  private static final int LANES = 1;
  private static final int HASH_BYTES = 32;
  private static final int SALT_BYTES = 16;

  /// Each takes 19 MiB and a core for about 100 ms; more of them wait for their turn.
  private static final int MAX_AT_A_TIME = 4;

  /// So long one waits for its turn before it is told to come back.
  private static final Duration MAX_WAIT = Duration.ofSeconds(10);

  private static final Duration COME_BACK = Duration.ofSeconds(5);

  private final Argon2Function argon2id;
  private final Semaphore turns = new Semaphore(MAX_AT_A_TIME, true);
  private final Supplier<String> nobodysHash;

  Passwords(Secrets secrets, HashingCost cost) {
    this.argon2id =
        Argon2Function.getInstance(
            cost.memoryKib(), cost.iterations(), LANES, HASH_BYTES, Argon2.ID);
    this.nobodysHash = new Once(() -> hashNow(secrets.next("")));
  }

  /// The hash of a new password that is good enough for its owner.
  String hash(String userName, String password) {
    requireGood(userName, password);
    return hashNow(password);
  }

  /// Whether it is the password. Takes as long for somebody who has none, so that an answer's time
  /// does not tell which names exist.
  boolean matches(String password, @Nullable String hash) {
    var known = hash != null;
    var against = hash == null ? nobodysHash.get() : hash;
    var bounded = password.length() <= MAX_CHARS ? password : password.substring(0, MAX_CHARS);
    var function = Argon2Function.getInstanceFromHash(against);
    var same = inTurn(() -> Password.check(bounded, against).with(function));
    return same && known && bounded.length() == password.length();
  }

  private String hashNow(String password) {
    return inTurn(
        () -> Password.hash(password).addRandomSalt(SALT_BYTES).with(argon2id).getResult());
  }

  private <T> T inTurn(Supplier<T> work) {
    try {
      if (turns.tryAcquire(MAX_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          return work.get();
        } finally {
          turns.release();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new FairwayException(
        ErrorCode.RATE_LIMITED,
        "Too many people are signing in at the moment",
        "Try again in a few seconds.",
        Map.of("retryAfter", COME_BACK.toSeconds()),
        null);
  }

  private static void requireGood(String userName, String password) {
    if (password.length() < MIN_CHARS || password.length() > MAX_CHARS) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "A password has " + MIN_CHARS + " to " + MAX_CHARS + " characters",
          "Four words that do not belong together are easy to keep and hard to guess.");
    }
    var plain = password.toLowerCase(Locale.ROOT);
    if (plain.replace(userName, "").length() < MIN_CHARS / 2
        || plain.chars().distinct().count() < 5) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "The password is made of the name or of very few characters",
          "Take one that somebody who knows you would not try first.");
    }
  }

  /// Computed at first use, once.
  private static final class Once implements Supplier<String> {
    private final Supplier<String> source;
    private @Nullable String value;

    Once(Supplier<String> source) {
      this.source = source;
    }

    @Override
    public synchronized String get() {
      if (value == null) {
        value = source.get();
      }
      return value;
    }
  }
}

package dev.fairway.server.identity;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Ids;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/// Slows down who guesses passwords: a sliding window per account and per address, kept in the
/// database, so that all servers count together. Whoever has one IPv6 address has 2⁶⁴ of them, so
/// those count by their network.
final class AttemptLimit {
  static final Duration WINDOW = Duration.ofMinutes(15);
  static final int ATTEMPTS_PER_ACCOUNT = 10;
  static final int ATTEMPTS_PER_ADDRESS = 60;

  /// Serialises counting: of many who try at once, none slips through between count and note.
  private static final long LOCK = 0x6661_6972_0002L;

  private record Count(long attempts, Instant oldest) {}

  private final InstantSource clock;

  AttemptLimit(InstantSource clock) {
    this.clock = clock;
  }

  private static final int NETWORK_BYTES_OF_IPV6 = 8;

  /// Notes an attempt before its password is looked at, or refuses it.
  void begin(Handle tx, String name, String address) {
    tx.createQuery("SELECT pg_advisory_xact_lock(:key)::text")
        .bind("key", LOCK)
        .mapTo(String.class)
        .one();
    tx.createUpdate("DELETE FROM sign_in_attempt WHERE at <= :start")
        .bind("start", clock.instant().minus(WINDOW))
        .execute();
    refuseBeyond(ofAccount(tx, account(name)), ATTEMPTS_PER_ACCOUNT, "this account");
    var place = place(address);
    refuseBeyond(ofAddress(tx, place), ATTEMPTS_PER_ADDRESS, "this address");
    tx.createUpdate(
            """
            INSERT INTO sign_in_attempt (id, account, address, at)
            VALUES (:id, :account, :address, :now)
            """)
        .bind("id", Ids.next())
        .bind("account", account(name))
        .bind("address", place)
        .bind("now", clock.instant())
        .execute();
  }

  /// Forgets the attempts of an account whose owner has come in.
  void succeeded(Handle tx, String name) {
    tx.createUpdate("DELETE FROM sign_in_attempt WHERE account = :account")
        .bind("account", account(name))
        .execute();
  }

  private Count ofAccount(Handle tx, String account) {
    return tx.createQuery(
            "SELECT count(*), coalesce(min(at), now()) FROM sign_in_attempt WHERE account = :of")
        .bind("of", account)
        .map((row, _) ->
            new Count(row.getLong(1), row.getObject(2, OffsetDateTime.class).toInstant()))
        .one();
  }

  private Count ofAddress(Handle tx, String address) {
    return tx.createQuery(
            "SELECT count(*), coalesce(min(at), now()) FROM sign_in_attempt WHERE address = :of")
        .bind("of", address)
        .map((row, _) ->
            new Count(row.getLong(1), row.getObject(2, OffsetDateTime.class).toInstant()))
        .one();
  }

  private void refuseBeyond(Count count, int limit, String whose) {
    if (count.attempts() < limit) {
      return;
    }
    var wait = Duration.between(clock.instant(), count.oldest().plus(WINDOW));
    var seconds = Math.max(1, wait.toSeconds());
    throw new FairwayException(
        ErrorCode.RATE_LIMITED,
        "Too many attempts to sign in to " + whose,
        "Wait " + Math.ceilDiv(seconds, 60) + " min and try again.",
        Map.of("retryAfter", seconds),
        null);
  }

  static String place(String address) {
    try {
      return InetAddress.ofLiteral(address) instanceof Inet6Address ipv6
          ? HexFormat.of().formatHex(ipv6.getAddress(), 0, NETWORK_BYTES_OF_IPV6) + "/64"
          : address;
    } catch (IllegalArgumentException e) {
      return address;
    }
  }

  /// What was typed as a name may be a password in the wrong field: only its hash is kept.
  private static String account(String name) {
    return HexFormat.of().formatHex(Secrets.hash(name.strip().toLowerCase(Locale.ROOT)));
  }
}

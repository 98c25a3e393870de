package dev.fairway.ledger;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Things to log.
final class Samples {
  static final String ORIGIN = "ledger.example.test/fairway";
  static final LedgerKeys KEYS = LedgerKeys.generate(ORIGIN, new SecureRandom());

  private Samples() {}

  static InTotoStatement statement(int number) {
    var digest = Hash.sha256(Integer.toString(number).getBytes(StandardCharsets.UTF_8)).hex();
    return new InTotoStatement(
        List.of(new Subject("app-" + number + ".zip", Map.of("sha256", digest))),
        "https://in-toto.io/attestation/test-result/v0.1",
        "{\"result\":\"PASSED\",\"note\":\"größer\"}",
        new InTotoStatement.Context(
            List.of("run:" + number, "release:r1"),
            "user:ada",
            Instant.parse("2026-11-22T14:02:11Z").plusSeconds(number)));
  }

  /// A log of `size` signed statements, and their bundles under its last checkpoint.
  static List<Bundle> bundles(TileStore store, int size) {
    var log = Log.open(store, KEYS);
    var envelopes = new ArrayList<Envelope>();
    for (int i = 0; i < size; i++) {
      envelopes.add(KEYS.sign(statement(i)));
    }
    log.append(envelopes.stream().map(KEYS::leaf).toList());
    var bundles = new ArrayList<Bundle>();
    for (int i = 0; i < size; i++) {
      bundles.add(new Bundle(envelopes.get(i), log.logged(i, log.entry(i))));
    }
    return bundles;
  }
}

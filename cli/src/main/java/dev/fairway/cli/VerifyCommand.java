package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.ledger.EntryProof;
import dev.fairway.ledger.EvidencePack;
import dev.fairway.ledger.LedgerException;
import dev.fairway.ledger.Proven;
import dev.fairway.ledger.ProvenEntry;
import dev.fairway.ledger.ProvenErasure;
import dev.fairway.ledger.ProvenPack;
import dev.fairway.ledger.TrustedKeys;
import dev.fairway.ledger.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Verifies evidence with the public keys and nothing else: no server, no network.
@Command(
    name = "verify",
    description = {
      "Verify an evidence pack (.zip) or the proof of one entry (.json), offline.",
      "Names the first thing that is wrong. Exit code 0 if everything holds, 1 if not,",
      "2 if a file cannot be read."
    },
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  @Mixin
  @SuppressWarnings("NullAway.Init")
  private Output output;

  @Parameters(paramLabel = "FILE", description = "The pack or proof.")
  @SuppressWarnings("NullAway.Init")
  private Path file;

  @Option(
      names = "--key",
      paramLabel = "PEM",
      required = true,
      description = "The ledger's public keys (ledger-public.pem), from a source that you trust.")
  @SuppressWarnings("NullAway.Init")
  private Path key;

  /// One entry, as `--json` prints it.
  ///
  /// @param actor empty of an erased one
  /// @param about empty of an erased one
  /// @param erased who deleted what it said; null while that is there
  record Line(
      long index,
      String predicateType,
      Instant at,
      String actor,
      List<String> about,
      @Nullable Erased erased) {
    static Line of(Proven proven) {
      return switch (proven) {
        case ProvenEntry entry -> {
          var context = entry.statement().context();
          yield new Line(
              entry.index(),
              entry.statement().predicateType(),
              context.at(),
              context.actor(),
              context.about(),
              null);
        }
        case ProvenErasure gone ->
            new Line(
                gone.index(),
                gone.erasure().predicateType(),
                gone.erasure().recordedAt(),
                "",
                List.of(),
                Erased.of(gone));
      };
    }

    String words() {
      return "%8d  %s  %s  %s"
          .formatted(index, at, erased == null ? actor : "ERASED " + erased.words(), predicateType);
    }
  }

  /// Who erased an entry.
  ///
  /// @param entry index of the entry that says so
  record Erased(long entry, String actor, Instant at, String reason) {
    static Erased of(ProvenErasure gone) {
      var context = gone.by().statement().context();
      return new Erased(gone.by().index(), context.actor(), context.at(), gone.erasure().reason());
    }

    String words() {
      return "by %s at %s, says entry %d: %s".formatted(actor, at, entry, reason);
    }
  }

  /// The verdict, as `--json` prints it.
  ///
  /// @param flaw the first thing that is wrong, as a word; null if nothing is
  /// @param where the file in the pack; null if nothing is wrong
  record Report(
      boolean verified,
      @Nullable String flaw,
      @Nullable String where,
      String message,
      List<Line> entries) {}

  @Override
  public Integer call() {
    var report = report(trusted());
    output.print(
        report,
        () -> {
          var out = output.writer();
          report.entries().forEach(line -> out.println(line.words()));
          out.println((report.verified() ? "VERIFIED " : "REFUSED ") + report.message());
        });
    return report.verified() ? ExitCode.SUCCESS : ExitCode.WORK_FAILED;
  }

  private TrustedKeys trusted() {
    try {
      return TrustedKeys.parse(Files.readString(key));
    } catch (IOException | LedgerException unusable) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "The key file " + key + " cannot be used: " + unusable.getMessage(),
          "It is the file that the server has under /ledger/ledger-public.pem.",
          unusable);
    }
  }

  private Report report(TrustedKeys keys) {
    try {
      return file.toString().endsWith(".json")
          ? entry(EntryProof.verify(Files.readAllBytes(file), keys))
          : pack(EvidencePack.verify(file, keys));
    } catch (IOException unreadable) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT,
          "The file " + file + " cannot be read: " + unreadable.getMessage(),
          "Name an evidence pack (.zip) or a bundle (.json).",
          unreadable);
    }
  }

  private static Report entry(Verdict<Proven> verdict) {
    return switch (verdict) {
      case Verdict.Refused<Proven> refused -> refusal(refused);
      case Verdict.Verified<Proven>(var proven) ->
          new Report(
              true,
              null,
              null,
              "entry %d%s is in %s of %d entries"
                  .formatted(
                      proven.index(),
                      proven instanceof ProvenErasure ? ", which was erased," : "",
                      proven.checkpoint().origin(),
                      proven.checkpoint().size()),
              List.of(Line.of(proven)));
    };
  }

  private static Report pack(Verdict<ProvenPack> verdict) {
    return switch (verdict) {
      case Verdict.Refused<ProvenPack> refused -> refusal(refused);
      case Verdict.Verified<ProvenPack>(var pack) -> {
        var erased = pack.entries().stream().filter(ProvenErasure.class::isInstance).count();
        yield new Report(
            true,
            null,
            null,
            "%s: %d entries%s, complete among the entries %d to %d%s%s of %s"
                .formatted(
                    pack.population().title(),
                    pack.population().indices().size(),
                    erased == 0 ? "" : " (" + erased + " erased)",
                    pack.population().from(),
                    pack.population().to(),
                    pack.population().since().map(at -> ", since " + at).orElse(""),
                    pack.population().until().map(at -> ", until " + at).orElse(""),
                    pack.checkpoint().origin()),
            pack.entries().stream().map(Line::of).toList());
      }
    };
  }

  private static Report refusal(Verdict.Refused<?> refused) {
    return new Report(false, refused.flaw().word(), refused.where(), refused.message(), List.of());
  }
}

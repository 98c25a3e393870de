package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.ledger.Bundle;
import dev.fairway.ledger.EvidencePack;
import dev.fairway.ledger.LedgerException;
import dev.fairway.ledger.ProvenEntry;
import dev.fairway.ledger.ProvenPack;
import dev.fairway.ledger.TrustedKeys;
import dev.fairway.ledger.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// Evidence: what the ledger says, packs of it for auditors, and their verification without a
/// server.
@Command(
    name = "evidence",
    description = "Show, pack and verify what the ledger can prove.",
    mixinStandardHelpOptions = true,
    subcommands = {
      EvidenceCommand.Show.class,
      EvidenceCommand.Pack.class,
      EvidenceCommand.Verify.class
    })
final class EvidenceCommand {

  @Command(
      name = "show",
      description = "List the newest entries of the ledger, or show one with its proof.",
      mixinStandardHelpOptions = true)
  static final class Show implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init")
    private Output output;

    @Parameters(
        paramLabel = "INDEX",
        arity = "0..1",
        description = "The entry's number in the log.")
    private @Nullable Long index;

    @Option(
        names = "--about",
        paramLabel = "REFERENCE",
        description = "Only entries about this, such as release:ID or commit:SHA.")
    private String about = "";

    @Option(
        names = "--type",
        paramLabel = "TYPE",
        description = "Only entries of this type, such as deployment or approval.")
    private String type = "";

    @Option(names = "--limit", description = "At most so many (default: ${DEFAULT-VALUE}).")
    private int limit = 50;

    @Override
    public Integer call() {
      try (var api = ApiClient.ofEnvironment()) {
        if (index != null) {
          var shown = api.get("/api/v1/evidence/" + index);
          output.print(shown, () -> print(shown));
          return ExitCode.SUCCESS;
        }
        var page =
            api.get(
                "/api/v1/evidence?limit="
                    + limit
                    + "&about="
                    + ApiClient.segment(about)
                    + "&type="
                    + ApiClient.segment(type));
        output.print(
            page,
            () ->
                output.table(
                    List.of("INDEX", "AT", "TYPE", "ACTOR", "SUBJECT"),
                    page.path("items").valueStream().map(Show::row).toList()));
      }
      return ExitCode.SUCCESS;
    }

    private static List<String> row(JsonNode entry) {
      return List.of(
          entry.path("index").asString(),
          entry.path("at").asString(),
          entry.path("type").asString(),
          entry.path("actor").asString(),
          entry.path("subjects").path(0).path("name").asString());
    }

    private void print(JsonNode shown) {
      var entry = shown.path("entry");
      var out = output.writer();
      out.println("Entry " + entry.path("index").asString() + ": " + entry.path("type").asString());
      out.println("  at        " + entry.path("at").asString());
      out.println("  by        " + entry.path("actor").asString());
      for (var reference : entry.path("about")) {
        out.println("  about     " + reference.asString());
      }
      for (var subject : entry.path("subjects")) {
        out.println(
            "  subject   "
                + subject.path("name").asString()
                + " "
                + subject.path("algorithm").asString()
                + ":"
                + subject.path("digest").asString());
      }
      out.println("  proof     " + shown.path("verified").asString());
      out.println(Output.json(entry.path("predicate")));
    }
  }

  @Command(
      name = "pack",
      description = "Write everything about releases (or other things) into a zip for an auditor.",
      mixinStandardHelpOptions = true)
  static final class Pack implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init")
    private Output output;

    @Parameters(
        paramLabel = "REFERENCE",
        arity = "1..*",
        description = "What it is about, such as release:ID; a plain ID is a release's.")
    private List<String> references = List.of();

    @Option(
        names = {"-o", "--output"},
        paramLabel = "FILE",
        description = "Where to write it (default: ${DEFAULT-VALUE}).")
    private Path file = Path.of("evidence.zip");

    @Option(names = "--title", description = "What it is about, for people.")
    private String title = "";

    /// What `--json` prints.
    record Written(String file, long size) {}

    @Override
    public Integer call() {
      var about =
          references.stream().map(one -> one.contains(":") ? one : "release:" + one).toList();
      var query = "about=" + ApiClient.segment(String.join(",", about));
      if (!title.isEmpty()) {
        query += "&title=" + ApiClient.segment(title);
      }
      try (var api = ApiClient.ofEnvironment();
          var pack = api.open("/api/v1/evidence/pack?" + query)) {
        var half = file.resolveSibling(file.getFileName() + ".part");
        Files.copy(pack, half, StandardCopyOption.REPLACE_EXISTING);
        Files.move(half, file, StandardCopyOption.REPLACE_EXISTING);
        var written = new Written(file.toString(), Files.size(file));
        output.print(
            written,
            () -> {
              output.writer().println("Wrote " + file + " (" + written.size() + " bytes).");
              output.writer().println("Verify it with:");
              output
                  .writer()
                  .println("  fairway evidence verify " + file + " --key ledger-public.pem");
              output.writer().println("The key file is " + api.url() + "/ledger/ledger-public.pem");
            });
      } catch (IOException failure) {
        throw new FairwayException(
            ErrorCode.STORAGE_UNAVAILABLE,
            "The pack could not be written to " + file + ": " + failure.getMessage(),
            "Name another file with -o.",
            failure);
      }
      return ExitCode.SUCCESS;
    }
  }

  @Command(
      name = "verify",
      description = {
        "Verify an evidence pack (.zip) or a single bundle (.json), offline.",
        "Names the first thing that is wrong. Exit code 0 if everything holds, 1 if not,",
        "2 if a file cannot be read."
      },
      mixinStandardHelpOptions = true)
  static final class Verify implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init")
    private Output output;

    @Parameters(paramLabel = "FILE", description = "The pack or bundle.")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Option(
        names = "--key",
        paramLabel = "PEM",
        required = true,
        description = "The ledger's public keys (ledger-public.pem), from a source that you trust.")
    @SuppressWarnings("NullAway.Init")
    private Path key;

    /// One verified entry, as `--json` prints it.
    record Proven(long index, String predicateType, Instant at, String actor, List<String> about) {
      static Proven of(ProvenEntry entry) {
        var context = entry.statement().context();
        return new Proven(
            entry.index(),
            entry.statement().predicateType(),
            context.at(),
            context.actor(),
            context.about());
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
        List<Proven> entries) {}

    @Override
    public Integer call() {
      var report = report(trusted());
      output.print(
          report,
          () -> {
            for (var entry : report.entries()) {
              output
                  .writer()
                  .printf(
                      "%8d  %s  %s  %s%n",
                      entry.index(), entry.at(), entry.actor(), entry.predicateType());
            }
            output
                .writer()
                .println((report.verified() ? "VERIFIED " : "REFUSED ") + report.message());
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
            ? bundle(Bundle.verify(Files.readAllBytes(file), keys))
            : pack(EvidencePack.verify(file, keys));
      } catch (IOException unreadable) {
        throw new FairwayException(
            ErrorCode.INVALID_INPUT,
            "The file " + file + " cannot be read: " + unreadable.getMessage(),
            "Name an evidence pack (.zip) or a bundle (.json).",
            unreadable);
      }
    }

    private static Report bundle(Verdict<ProvenEntry> verdict) {
      return switch (verdict) {
        case Verdict.Refused<ProvenEntry> refused -> refusal(refused);
        case Verdict.Verified<ProvenEntry>(var entry) ->
            new Report(
                true,
                null,
                null,
                "entry "
                    + entry.index()
                    + " is in "
                    + entry.checkpoint().origin()
                    + " of "
                    + entry.checkpoint().size()
                    + " entries",
                List.of(Proven.of(entry)));
      };
    }

    private static Report pack(Verdict<ProvenPack> verdict) {
      return switch (verdict) {
        case Verdict.Refused<ProvenPack> refused -> refusal(refused);
        case Verdict.Verified<ProvenPack>(var pack) ->
            new Report(
                true,
                null,
                null,
                pack.population().title()
                    + ": "
                    + pack.population().indices().size()
                    + " entries, complete among the "
                    + pack.population().to()
                    + " of "
                    + pack.checkpoint().origin(),
                pack.entries().stream().map(Proven::of).toList());
      };
    }

    private static Report refusal(Verdict.Refused<?> refused) {
      return new Report(
          false, refused.flaw().word(), refused.where(), refused.message(), List.of());
    }
  }
}

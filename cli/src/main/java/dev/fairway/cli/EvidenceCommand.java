package dev.fairway.cli;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/// Evidence: what the ledger says, packs of it for auditors, and their verification without a
/// server.
@Command(
    name = "evidence",
    description = "Show, pack, verify and erase what the ledger holds.",
    mixinStandardHelpOptions = true,
    subcommands = {
      EvidenceCommand.Show.class,
      EvidenceCommand.Pack.class,
      VerifyCommand.class,
      EvidenceCommand.Erase.class
    })
final class EvidenceCommand {

  @Command(
      name = "show",
      description = "List the newest entries of the ledger, or show one with its proof.",
      mixinStandardHelpOptions = true)
  static final class Show extends RemoteCommand {
    @Parameters(
        paramLabel = "ENTRY",
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
    int ask(ApiClient api) {
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
      return ExitCode.SUCCESS;
    }

    private static List<String> row(JsonNode entry) {
      var erasure = entry.path("erasure");
      return List.of(
          text(entry, "index"),
          text(entry, "at"),
          text(entry, "type"),
          text(entry, "actor"),
          erasure.isObject()
              ? "erased by " + text(erasure, "actor")
              : text(entry.path("subjects").path(0), "name"));
    }

    private void print(JsonNode shown) {
      var entry = shown.path("entry");
      var out = output.writer();
      out.println("Entry " + text(entry, "index") + ": " + text(entry, "type"));
      out.println("  at        " + text(entry, "at"));
      out.println("  proof     " + text(shown, "verified"));
      for (var reference : entry.path("about")) {
        out.println("  about     " + reference.asString());
      }
      var erasure = entry.path("erasure");
      if (erasure.isObject()) {
        out.println("  erased    " + text(erasure, "at") + " by " + text(erasure, "actor"));
        out.println("  because   " + text(erasure, "reason"));
        out.println("  says      entry " + text(erasure, "index"));
        return;
      }
      out.println("  by        " + text(entry, "actor"));
      for (var subject : entry.path("subjects")) {
        out.println(
            "  subject   %s %s:%s"
                .formatted(
                    text(subject, "name"), text(subject, "algorithm"), text(subject, "digest")));
      }
      out.println(Output.json(entry.path("predicate")));
    }
  }

  @Command(
      name = "pack",
      description = "Write everything about releases (or other things) into a zip for an auditor.",
      mixinStandardHelpOptions = true)
  static final class Pack extends RemoteCommand {
    @Parameters(
        paramLabel = "REFERENCE",
        arity = "1..*",
        description =
            "A release, as SERVICE@VERSION or its id; or another thing, such as commit:SHA.")
    private List<String> references = List.of();

    @Option(
        names = {"-o", "--output"},
        paramLabel = "FILE",
        description = "Where to write it (default: ${DEFAULT-VALUE}).")
    private Path file = Path.of("evidence.zip");

    @Option(
        names = "--since",
        paramLabel = "INSTANT",
        description = "Only what happened from then on, such as 2026-10-01T00:00:00Z.")
    private @Nullable Instant since;

    @Option(names = "--until", paramLabel = "INSTANT", description = "Only what happened before.")
    private @Nullable Instant until;

    @Option(names = "--title", description = "What it is about, for people.")
    private String title = "";

    /// What `--json` prints.
    record Written(String file, long size) {}

    @Override
    int ask(ApiClient api) {
      var about = references.stream().map(one -> reference(api, one)).toList();
      var query = "about=" + ApiClient.segment(String.join(",", about));
      if (!title.isEmpty()) {
        query += "&title=" + ApiClient.segment(title);
      }
      if (since != null) {
        query += "&since=" + since;
      }
      if (until != null) {
        query += "&until=" + until;
      }
      try (var pack = api.open("/api/v1/evidence/pack?" + query)) {
        var half = file.resolveSibling(file.getFileName() + ".part");
        Files.copy(pack, half, StandardCopyOption.REPLACE_EXISTING);
        Files.move(half, file, StandardCopyOption.REPLACE_EXISTING);
        var written = new Written(file.toString(), Files.size(file));
        output.print(
            written,
            () ->
                output
                    .writer()
                    .printf(
                        """
                        Wrote %1$s (%2$d bytes). Verify it with:
                          fairway evidence verify %1$s --key ledger-public.pem
                        The key file is %3$s/ledger/ledger-public.pem
                        """,
                        file, written.size(), api.url()));
      } catch (IOException failure) {
        throw new FairwayException(
            ErrorCode.STORAGE_UNAVAILABLE,
            "The pack could not be written to " + file + ": " + failure.getMessage(),
            "Name another file with -o.",
            failure);
      }
      return ExitCode.SUCCESS;
    }

    private static String reference(ApiClient api, String named) {
      return named.contains(":") ? named : "release:" + ReleasesCommand.find(api, named);
    }
  }

  @Command(
      name = "erase",
      description = {
        "Delete what an entry says, for good, as the law may demand.",
        "Its place in the ledger stays; from then on it is shown as erased, by you, for the reason"
            + " that you give. The erasure is an entry itself, and cannot be erased."
      },
      mixinStandardHelpOptions = true)
  static final class Erase extends RemoteCommand {
    @Parameters(paramLabel = "ENTRY", description = "The entry's number in the log.")
    private long index;

    @Option(
        names = "--reason",
        required = true,
        paramLabel = "TEXT",
        description = "Why; it stays in the ledger.")
    @SuppressWarnings("NullAway.Init")
    private String reason;

    @Override
    int ask(ApiClient api) {
      var shown = api.post("/api/v1/evidence/" + index + "/erase", Map.of("reason", reason));
      return say(
          shown,
          "Entry %d is erased; entry %s says so."
              .formatted(index, text(shown.path("entry").path("erasure"), "index")));
    }
  }
}

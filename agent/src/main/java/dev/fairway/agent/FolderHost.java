package dev.fairway.agent;

import dev.fairway.api.ArtifactReceipt;
import dev.fairway.api.DurableFiles;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.JobEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/// A host without a server: artifacts lie in a folder that the jobs of a run share, the log goes to
/// a listener line by line.
///
/// @param folder an existing folder; an artifact is the file `NAME.zip` in it
/// @param source where the code of actions comes from, such as [MirrorActions]
/// @param caches of the project, if it has any here
public record FolderHost(
    Path folder,
    CheckoutSource checkout,
    Listener listener,
    ActionSource source,
    Optional<Caches> caches)
    implements JobHost {
  private static final String SUFFIX = ".zip";
  private static final int STAMP_CHARS = 25;

  /// An expression holds numbers of 53 bits exactly.
  private static final int ID_UNUSED_BITS = 64 - 53;

  private static final long MAX_UNPACKED_BYTES = 16L << 30;

  /// Without actions of other repositories, and without caches.
  public FolderHost(Path folder, CheckoutSource checkout, Listener listener) {
    this(folder, checkout, listener, ActionSource.none(), Optional.empty());
  }

  /// Hears what the job does, in order, from one thread at a time.
  public interface Listener {
    /// A line of the log, masked, without its time.
    void line(String text);

    void event(JobEvent event);
  }

  @Override
  public void log(byte[] bytes, int length) {
    new String(bytes, 0, length, StandardCharsets.UTF_8)
        .lines()
        .forEach(line -> listener.line(line.substring(Math.min(STAMP_CHARS, line.length()))));
  }

  @Override
  public void event(JobEvent event) {
    listener.event(event);
  }

  @Override
  public ActionSource actions(CompletableFuture<?> givenUp) {
    return source;
  }

  @Override
  public ArtifactReceipt upload(
      String name, Keeping keeping, Path zip, CompletableFuture<?> givenUp) throws IOException {
    var file = folder.resolve(name + SUFFIX);
    try {
      if (keeping.overwrite()) {
        replace(file, zip);
      } else {
        Files.copy(zip, file);
      }
    } catch (FileAlreadyExistsException e) {
      throw new FairwayException(
          ErrorCode.CONFLICT,
          "The run already has an artifact `" + name + "`",
          "Give this one another name, or set `overwrite: true`.",
          e);
    }
    return receipt(name);
  }

  /// A job that reads it at the same time sees the one or the other.
  private void replace(Path file, Path zip) throws IOException {
    var fresh = Files.createTempFile(folder, "fresh", ".part");
    try {
      Files.copy(zip, fresh, StandardCopyOption.REPLACE_EXISTING);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  @Override
  public List<ArtifactReceipt> artifacts(Optional<String> run, CompletableFuture<?> givenUp)
      throws IOException {
    if (run.isPresent()) {
      throw new FairwayException(
          ErrorCode.UNSUPPORTED,
          "The artifacts of another run are on its server, and a local run has none",
          "Leave `run-id` out here, or run the workflow on the server.");
    }
    var receipts = new ArrayList<ArtifactReceipt>();
    try (var files = Files.list(folder)) {
      for (var file : files.map(Path::getFileName).map(Path::toString).sorted().toList()) {
        if (file.endsWith(SUFFIX)) {
          receipts.add(receipt(file.substring(0, file.length() - SUFFIX.length())));
        }
      }
    }
    return receipts;
  }

  @Override
  public void download(Optional<String> run, String name, Path zip, CompletableFuture<?> givenUp)
      throws IOException {
    Files.copy(folder.resolve(name + SUFFIX), zip);
  }

  /// Unpacks every artifact of a run into a folder of its name, in place of what lies there.
  ///
  /// @param artifacts the folder of such a host
  /// @return their names
  public static List<String> unpack(Path artifacts, Path into) throws IOException {
    var names = new ArrayList<String>();
    try (var files = Files.list(artifacts)) {
      for (var file : files.sorted().toList()) {
        var zip = file.getFileName().toString();
        var name = zip.substring(0, zip.length() - SUFFIX.length());
        var folder = into.resolve(name);
        DurableFiles.delete(folder);
        Files.createDirectories(folder);
        Unzip.into(file, folder, MAX_UNPACKED_BYTES);
        names.add(name);
      }
    }
    return names;
  }

  private ArtifactReceipt receipt(String name) throws IOException {
    var file = folder.resolve(name + SUFFIX);
    try (var in = Files.newInputStream(file)) {
      var digest = HexFormat.of().formatHex(WorkspaceHasher.digest(in));
      return new ArtifactReceipt(id(name), name, digest, Files.size(file), null);
    }
  }

  /// A number that all jobs of the run know the artifact by, whoever of them asks.
  private static long id(String name) {
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).getMostSignificantBits()
        >>> ID_UNUSED_BITS;
  }
}

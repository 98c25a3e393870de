package dev.fairway.proxy;

import dev.fairway.api.DurableFiles;
import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.api.ProxyAddress;
import dev.fairway.api.ProxyRoute;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.core.JacksonException;

/// What the proxy keeps on disk: its lock, the admin token, its address and its routes. A crash at
/// any point leaves the old or the new content of each.
final class DataFolder implements AutoCloseable {
  private static final int TOKEN_BYTES = 32;

  private final Path folder;
  private final FileChannel lock;

  private DataFolder(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /// @throws FairwayException CONFLICT if another process has this folder
  static DataFolder open(Path folder) throws IOException {
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    var lock =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (lock.tryLock() != null) {
        return new DataFolder(folder, lock);
      }
    } catch (OverlappingFileLockException _) {
      // Another proxy in this very process has it.
    }
    lock.close();
    throw new FairwayException(
        ErrorCode.CONFLICT,
        "another proxy uses the data folder " + folder,
        "Stop it, or start this one with another --data.");
  }

  /// The token of the admin listener, made at the first start.
  String token() throws IOException {
    var file = ProxyAddress.tokenFile(folder);
    if (!Files.exists(file)) {
      var secret = new byte[TOKEN_BYTES];
      new SecureRandom().nextBytes(secret);
      var text = HexFormat.of().formatHex(secret);
      DurableFiles.replace(file, text.getBytes(StandardCharsets.US_ASCII));
    }
    return Files.readString(file, StandardCharsets.US_ASCII).strip();
  }

  void publish(ProxyAddress address) throws IOException {
    DurableFiles.replace(ProxyAddress.file(folder), Json.MAPPER.writeValueAsBytes(address));
  }

  List<ProxyRoute> routes() throws IOException {
    var file = folder.resolve("routes.json");
    if (!Files.exists(file)) {
      return List.of();
    }
    try {
      return List.of(Json.MAPPER.readValue(Files.readAllBytes(file), ProxyRoute[].class));
    } catch (JacksonException e) {
      throw new FairwayException(
          ErrorCode.UNPROCESSABLE,
          file + " is not a list of routes: " + e.getOriginalMessage(),
          "Remove the file; the server sets its routes again.",
          e);
    }
  }

  /// @throws FairwayException STORAGE_UNAVAILABLE if the disk takes no more; the old routes stay
  void save(List<ProxyRoute> routes) {
    try {
      DurableFiles.replace(folder.resolve("routes.json"), Json.MAPPER.writeValueAsBytes(routes));
    } catch (IOException e) {
      throw new FairwayException(
          ErrorCode.STORAGE_UNAVAILABLE,
          "cannot write the routes to " + folder + ": " + e.getMessage(),
          "Make room on the disk; the present routes keep serving.",
          e);
    }
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

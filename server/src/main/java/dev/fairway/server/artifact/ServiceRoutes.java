package dev.fairway.server.artifact;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.db.Database;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/// Where the official clients put and get bytes, by addresses that we signed. They speak as much of
/// Azure's protocol for blobs as `@azure/storage-blob` uses: a block, a list of blocks, all at
/// once.
///
/// The source is https://learn.microsoft.com/rest/api/storageservices/put-block.
final class ServiceRoutes implements Routes {
  static final String ARTIFACT_UPLOAD = "/_services/uploads/artifact/";
  static final String CACHE_UPLOAD = "/_services/uploads/cache/";
  static final String ARTIFACT = "/_services/files/artifact/";
  static final String CACHE = "/_services/files/cache/";

  private static final int MAX_LIST_BYTES = 8 << 20;
  private static final int BUFFER_BYTES = 64 << 10;
  private static final Pattern BLOCK =
      Pattern.compile("<(Latest|Uncommitted|Committed)>([^<]{1,200})</\\1>");
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d{1,15})-(\\d{0,15})");

  private final Database database;
  private final Artifacts artifacts;
  private final Caches caches;
  private final Uploads uploads;
  private final SignedUrls urls;

  ServiceRoutes(
      Database database, Artifacts artifacts, Caches caches, Uploads uploads, SignedUrls urls) {
    this.database = database;
    this.artifacts = artifacts;
    this.caches = caches;
    this.uploads = uploads;
    this.urls = urls;
  }

  @Override
  public void register(RouteTable routes) {
    routes.put(
        ARTIFACT_UPLOAD + "{id}",
        Permission.ANYONE,
        exchange -> put(exchange, ArtifactLimits.MAX_ARTIFACT_BYTES));
    routes.put(
        CACHE_UPLOAD + "{id}",
        Permission.ANYONE,
        exchange -> put(exchange, ArtifactLimits.MAX_CACHE_BYTES));
    routes.get(ARTIFACT + "{id}", Permission.ANYONE, this::artifact);
    routes.get(CACHE + "{id}", Permission.ANYONE, this::cache);
  }

  private void put(Exchange exchange, long maxBytes) throws IOException {
    urls.require(exchange);
    var upload = exchange.pathId("id");
    var part = exchange.query("comp").orElse("");
    try (var body = exchange.bodyStream()) {
      switch (part) {
        case "" -> uploads.whole(upload, body, maxBytes);
        case "block" -> uploads.block(upload, exchange.query("blockid").orElse(""), body, maxBytes);
        case "blocklist" -> uploads.commit(upload, blocks(body), maxBytes);
        default ->
            throw new FairwayException(
                ErrorCode.UNSUPPORTED, "comp=" + part + " is not supported here", "");
      }
    }
    exchange
        .status(201)
        .header("ETag", "\"" + upload + "\"")
        .header("x-ms-request-id", UUID.randomUUID().toString())
        .text("");
  }

  /// Read without a parser of XML, which would have to be kept from reading more than this.
  private static List<String> blocks(InputStream body) throws IOException {
    var bytes = body.readNBytes(MAX_LIST_BYTES + 1);
    if (bytes.length > MAX_LIST_BYTES) {
      throw new FairwayException(ErrorCode.TOO_LARGE, "The list of blocks is too long", "");
    }
    var names = new ArrayList<String>();
    var found = BLOCK.matcher(new String(bytes, StandardCharsets.UTF_8));
    while (found.find()) {
      names.add(found.group(2));
    }
    return names;
  }

  private void artifact(Exchange exchange) throws IOException {
    urls.require(exchange);
    var artifact =
        database
            .read(tx -> ArtifactStore.find(tx, exchange.pathId("id")))
            .orElseThrow(() -> Artifacts.unknown(exchange.path("id")));
    exchange.header("Content-Disposition", "attachment; filename=\"artifact.zip\"");
    send(exchange, artifacts.file(artifact.digest()), "application/zip");
  }

  private void cache(Exchange exchange) throws IOException {
    urls.require(exchange);
    send(exchange, caches.file(exchange.pathId("id")), "application/octet-stream");
  }

  /// The file, or the one range of it that was asked for.
  private static void send(Exchange exchange, Path file, String type) throws IOException {
    var size = Files.size(file);
    var range = RANGE.matcher(exchange.header("Range").orElse(""));
    var from = 0L;
    var end = size;
    if (range.matches()) {
      from = Long.parseLong(range.group(1));
      end = range.group(2).isEmpty() ? size : Math.min(size, Long.parseLong(range.group(2)) + 1);
      if (from >= end) {
        exchange.status(416).header("Content-Range", "bytes */" + size).text("");
        return;
      }
      exchange.status(206).header("Content-Range", "bytes %d-%d/%d".formatted(from, end - 1, size));
    }
    exchange.header("Accept-Ranges", "bytes").header("Content-Length", Long.toString(end - from));
    try (var channel = FileChannel.open(file, StandardOpenOption.READ);
        var out = Channels.newChannel(exchange.stream(type))) {
      if (exchange.method().equals("HEAD")) {
        return;
      }
      var buffer = ByteBuffer.allocate(BUFFER_BYTES);
      for (var at = from; at < end; ) {
        buffer.clear().limit((int) Math.min(BUFFER_BYTES, end - at));
        var length = channel.read(buffer, at);
        if (length < 0) {
          throw new IOException("the file became shorter");
        }
        buffer.flip();
        while (buffer.hasRemaining()) {
          out.write(buffer);
        }
        at += length;
      }
    }
  }
}

package dev.fairway.server.artifact;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.api.Json;
import dev.fairway.server.http.Exchange;
import dev.fairway.server.http.Permission;
import dev.fairway.server.http.RouteTable;
import dev.fairway.server.http.Routes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The service by which `@actions/cache` saves and restores, in both versions of its protocol.
final class CacheService implements Routes {
  private static final String PATH = "/twirp/github.actions.results.api.v1.CacheService/";
  private static final String FIRST = "/_apis/artifactcache/";
  private static final int MAX_KEYS = 10;
  private static final Pattern STRETCH = Pattern.compile("bytes (\\d{1,15})-(\\d{1,15})/.*");

  private record Reservation(
      @Nullable String key, @Nullable String version, @Nullable Long cacheSize) {}

  private record Size(long size) {}

  private final Caches caches;
  private final Uploads uploads;
  private final SignedUrls urls;

  CacheService(Caches caches, Uploads uploads, SignedUrls urls) {
    this.caches = caches;
    this.uploads = uploads;
    this.urls = urls;
  }

  @Override
  public void register(RouteTable routes) {
    routes.post(PATH + "CreateCacheEntry", Permission.JOB_SERVICES, Twirp.handler(this::create));
    routes.post(
        PATH + "FinalizeCacheEntryUpload", Permission.JOB_SERVICES, Twirp.handler(this::complete));
    routes.post(
        PATH + "GetCacheEntryDownloadURL", Permission.JOB_SERVICES, Twirp.handler(this::find));
    routes.get(FIRST + "cache", Permission.JOB_SERVICES, this::findFirst);
    routes.post(FIRST + "caches", Permission.JOB_SERVICES, this::createFirst);
    routes.patch(FIRST + "caches/{number}", Permission.JOB_SERVICES, this::uploadFirst);
    routes.post(FIRST + "caches/{number}", Permission.JOB_SERVICES, this::completeFirst);
  }

  private ObjectNode create(Twirp.Call call) {
    var exchange = call.exchange();
    var entry = caches.reserve(exchange.caller().knownId(), call.text("key"), call.text("version"));
    if (entry.isEmpty()) {
      return Twirp.answer().put("ok", false).put("message", taken(call.text("key")));
    }
    return Twirp.answer()
        .put("ok", true)
        .put(
            "signed_upload_url",
            urls.make(exchange.reached(), "PUT", ServiceRoutes.CACHE_UPLOAD + entry.get().id()));
  }

  private ObjectNode complete(Twirp.Call call) {
    var job = call.exchange().caller().knownId();
    var entry = caches.reserved(job, call.text("key"), call.text("version"));
    caches.complete(entry, call.body().path("size_bytes").asLong(-1));
    return Twirp.answer().put("ok", true).put("entry_id", Long.toString(entry.number()));
  }

  private ObjectNode find(Twirp.Call call) {
    var keys = new ArrayList<String>();
    keys.add(call.text("key"));
    call.body().path("restore_keys").valueStream().map(JsonNode::asString).forEach(keys::add);
    var exchange = call.exchange();
    var found = caches.find(exchange.caller().knownId(), bounded(keys), call.text("version"));
    if (found.isEmpty()) {
      return Twirp.answer().put("ok", false);
    }
    return Twirp.answer()
        .put("ok", true)
        .put("signed_download_url", location(exchange, found.get()))
        .put("matched_key", found.get().key());
  }

  private void findFirst(Exchange exchange) {
    var keys = List.of(exchange.query("keys").orElse("").split(","));
    var version = exchange.query("version").orElse("");
    var found = caches.find(exchange.caller().knownId(), bounded(keys), version);
    if (found.isEmpty()) {
      exchange.nothing();
      return;
    }
    var entry = found.get();
    exchange.json(
        Json.MAPPER
            .createObjectNode()
            .put("cacheKey", entry.key())
            .put("cacheVersion", entry.version())
            .put("scope", entry.scope())
            .put("creationTime", entry.createdAt().toString())
            .put("archiveLocation", location(exchange, entry)));
  }

  private void createFirst(Exchange exchange) {
    var wanted = exchange.body(Reservation.class);
    var key = wanted.key() == null ? "" : wanted.key();
    var version = wanted.version() == null ? "" : wanted.version();
    var entry =
        caches
            .reserve(exchange.caller().knownId(), key, version)
            .orElseThrow(() -> new FairwayException(ErrorCode.CONFLICT, taken(key), ""));
    exchange.status(201).json(Json.MAPPER.createObjectNode().put("cacheId", entry.number()));
  }

  private void uploadFirst(Exchange exchange) throws IOException {
    var entry = caches.reserved(exchange.caller().knownId(), exchange.pathNumber("number"));
    var stretch = STRETCH.matcher(exchange.header("Content-Range").orElse(""));
    if (!stretch.matches()) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "The header Content-Range is missing", "Send it.");
    }
    try (var body = exchange.bodyStream()) {
      uploads.stretch(
          entry.id(), Long.parseLong(stretch.group(1)), body, ArtifactLimits.MAX_CACHE_BYTES);
    }
    exchange.nothing();
  }

  private void completeFirst(Exchange exchange) {
    var entry = caches.reserved(exchange.caller().knownId(), exchange.pathNumber("number"));
    caches.complete(entry, exchange.body(Size.class).size());
    exchange.nothing();
  }

  private String location(Exchange exchange, CacheEntry entry) {
    return urls.make(exchange.reached(), "GET", ServiceRoutes.CACHE + entry.id());
  }

  private static List<String> bounded(List<String> keys) {
    if (keys.size() > MAX_KEYS || keys.stream().anyMatch(String::isEmpty)) {
      throw new FairwayException(
          ErrorCode.INVALID_INPUT, "A cache is looked for by 1 to " + MAX_KEYS + " keys", "");
    }
    return keys;
  }

  private static String taken(String key) {
    return "There is a cache with the key '" + key + "' already, or another job makes it";
  }
}

package dev.fairway.server.run;

import dev.fairway.api.JobAssignment;
import dev.fairway.api.Json;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import tools.jackson.core.JacksonException;

/// Where a job finds the services for the official actions, and the token by which they know it.
///
/// Those actions read the ids of run and job from the token as if it were a JSON Web Token, and
/// pass it on otherwise. So its last part is the job's token, which alone proves anything.
final class JobServices {
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");
  private static final String SCOPE = "Actions.Results:";

  private JobServices() {}

  /// What the token names.
  record Subject(UUID run, UUID job) {}

  static JobAssignment.Services of(UUID run, UUID job, String origin, String jobToken) {
    var base = origin + "/";
    var claims = Map.of("scp", SCOPE + run + ":" + job);
    var token = part(Map.of("alg", "none", "typ", "JWT")) + "." + part(claims) + "." + jobToken;
    return new JobAssignment.Services(base, base, base, token, serverUrl(origin));
  }

  /// The official clients refuse to work where the host is neither GitHub's nor below `localhost`.
  /// `fairway.localhost` is this machine as well (RFC 6761), and browsers, curl and git know it.
  private static String serverUrl(String origin) {
    var uri = URI.create(origin);
    if (!LOOPBACK.contains(String.valueOf(uri.getHost()))) {
      return origin;
    }
    var port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    return uri.getScheme() + "://fairway.localhost" + port;
  }

  /// The job's own token within the other, or the text itself where it is none.
  static String jobToken(String token) {
    return token.substring(token.lastIndexOf('.') + 1);
  }

  /// Whose token it says it is; to be compared with whose it is.
  static Optional<Subject> subject(String token) {
    var parts = token.split("\\.", -1);
    if (parts.length != 3) {
      return Optional.empty();
    }
    try {
      var scope = Json.MAPPER.readTree(Base64.getUrlDecoder().decode(parts[1])).path("scp");
      var ids = scope.asString("").split(":", -1);
      return ids.length == 3 && scope.asString("").startsWith(SCOPE)
          ? Optional.of(new Subject(UUID.fromString(ids[1]), UUID.fromString(ids[2])))
          : Optional.empty();
    } catch (IllegalArgumentException | JacksonException e) {
      return Optional.empty();
    }
  }

  private static String part(Map<String, String> json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(Json.MAPPER.writeValueAsString(json).getBytes(StandardCharsets.UTF_8));
  }
}

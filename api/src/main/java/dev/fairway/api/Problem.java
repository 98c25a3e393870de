package dev.fairway.api;

import java.util.Map;

/// An error on the wire: RFC 9457 problem details, media type `application/problem+json`.
///
/// @param type a URN that names the [ErrorCode], such as `urn:fairway:error:lease_lost`
/// @param title what happened and where, one sentence
/// @param status the HTTP status
/// @param code the identifier of the [ErrorCode]
/// @param next what to do next, empty where the title says it all
/// @param details figures that a program may need
public record Problem(
    String type, String title, int status, String code, String next, Map<String, Object> details) {
  public static final String MEDIA_TYPE = "application/problem+json";

  public Problem {
    details = Map.copyOf(details);
  }

  public static Problem of(FairwayException e) {
    return new Problem(
        "urn:fairway:error:" + e.code().id(),
        String.valueOf(e.getMessage()),
        e.code().status(),
        e.code().id(),
        e.next(),
        e.details());
  }

  /// The same refusal on the client's side.
  public FairwayException toException() {
    return new FairwayException(ErrorCode.ofId(code), title, next, details, null);
  }
}

package dev.fairway.ledger;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// An in-toto Statement v1 with the context in which Fairway recorded it.
///
/// The context is an extension member of the statement, named by a type URI as in-toto asks, and is
/// signed with it. Other tools ignore it.
///
/// @param subjects what it is about, by digest; at least one
/// @param predicateType URI of the predicate's type
/// @param predicate a JSON object, as compact text
/// @param context who, when, and which things of Fairway it concerns
public record InTotoStatement(
    List<Subject> subjects, String predicateType, String predicate, Context context) {
  /// `payloadType` of the DSSE envelope.
  public static final String PAYLOAD_TYPE = "application/vnd.in-toto+json";

  private static final String TYPE = "https://in-toto.io/Statement/v1";
  private static final String CONTEXT = "https://fairway.dev/attestation/context/v1";
  private static final int MAX_SUBJECTS = 10_000;
  private static final int MAX_REFERENCES = 1_000;

  /// Who recorded a statement, when, and what it concerns.
  ///
  /// @param about references such as `release:UUID`, sorted
  /// @param actor who did it, such as `user:ada`, `job:UUID` or `system`
  /// @param at when it was recorded
  public record Context(List<String> about, String actor, Instant at) {
    public Context {
      about = about.stream().sorted().distinct().toList();
    }
  }

  public InTotoStatement {
    if (subjects.isEmpty()) {
      throw new IllegalArgumentException("a statement has a subject: " + predicateType);
    }
    subjects = List.copyOf(subjects);
  }

  /// The bytes to sign.
  ///
  /// @throws IllegalArgumentException if the predicate is not a JSON object or the whole is beyond
  ///   the limits
  public byte[] payload() {
    try {
      var read = JsonReader.read(predicate.getBytes(StandardCharsets.UTF_8), Flaw.BAD_STATEMENT);
      if (!(read instanceof Json.Obj)) {
        throw new IllegalArgumentException("a predicate is a JSON object: " + predicateType);
      }
      var payload =
          Json.object(
                  "_type",
                  Json.of(TYPE),
                  "subject",
                  new Json.Arr(subjects.stream().map(InTotoStatement::json).toList()),
                  "predicateType",
                  Json.of(predicateType),
                  "predicate",
                  read,
                  CONTEXT,
                  Json.object(
                      "about", Json.array(context.about()),
                      "actor", Json.of(context.actor()),
                      "at", Json.of(context.at().toString())))
              .write()
              .getBytes(StandardCharsets.UTF_8);
      if (payload.length > Envelope.MAX_PAYLOAD) {
        throw new IllegalArgumentException(
            "a statement of " + payload.length + " bytes; at most " + Envelope.MAX_PAYLOAD);
      }
      parse(payload);
      return payload;
    } catch (Refusal refusal) {
      throw new IllegalArgumentException(
          "not a statement of " + predicateType + ": " + refusal.detail(), refusal);
    }
  }

  private static Json json(Subject subject) {
    Map<String, Json> digest = new LinkedHashMap<>();
    subject.digest().forEach((algorithm, value) -> digest.put(algorithm, Json.of(value)));
    return Json.object("name", Json.of(subject.name()), "digest", new Json.Obj(digest));
  }

  static InTotoStatement parse(byte[] payload) throws Refusal {
    var fields =
        Fields.of(JsonReader.read(payload, Flaw.BAD_STATEMENT), "", Flaw.BAD_STATEMENT)
            .only("_type", "subject", "predicateType", "predicate", CONTEXT);
    fields.exactly("_type", TYPE, Flaw.BAD_STATEMENT);
    var subjects = new ArrayList<Subject>();
    for (var item : fields.list("subject", MAX_SUBJECTS)) {
      subjects.add(subject(Fields.of(item, "subject", Flaw.BAD_STATEMENT).only("name", "digest")));
    }
    if (subjects.isEmpty()) {
      throw new Refusal(Flaw.BAD_STATEMENT, "it has no subject");
    }
    fields.object("predicate");
    return new InTotoStatement(
        subjects,
        fields.text("predicateType"),
        fields.any("predicate").write(),
        context(fields.object(CONTEXT).only("about", "actor", "at")));
  }

  private static Subject subject(Fields fields) throws Refusal {
    Map<String, String> digest = new LinkedHashMap<>();
    var digests = fields.object("digest");
    for (var algorithm : digests.names()) {
      digest.put(algorithm, digests.text(algorithm));
    }
    if (digest.isEmpty()) {
      throw new Refusal(Flaw.BAD_STATEMENT, "a subject has no digest");
    }
    return new Subject(fields.text("name"), digest);
  }

  private static Context context(Fields fields) throws Refusal {
    var about = new ArrayList<String>();
    for (var item : fields.list("about", MAX_REFERENCES)) {
      if (!(item instanceof Json.Str reference)) {
        throw new Refusal(Flaw.BAD_STATEMENT, "a reference is not a string");
      }
      about.add(reference.value());
    }
    try {
      return new Context(about, fields.text("actor"), Instant.parse(fields.text("at")));
    } catch (DateTimeException notTime) {
      throw new Refusal(Flaw.BAD_STATEMENT, fields.at("at") + " is not a time");
    }
  }
}

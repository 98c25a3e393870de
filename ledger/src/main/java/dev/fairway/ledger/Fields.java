package dev.fairway.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Takes a JSON object apart by names and types, and refuses what does not fit, unknown members
/// included.
final class Fields {
  private final Json.Obj object;
  private final String path;
  private final Flaw flaw;

  private Fields(Json.Obj object, String path, Flaw flaw) {
    this.object = object;
    this.path = path;
    this.flaw = flaw;
  }

  /// @param flaw what a misfit is called here
  static Fields of(Json json, String path, Flaw flaw) throws Refusal {
    if (json instanceof Json.Obj object) {
      return new Fields(object, path, flaw);
    }
    throw new Refusal(flaw, (path.isEmpty() ? "the document" : path) + " is not an object");
  }

  /// Refuses members other than these.
  Fields only(String... names) throws Refusal {
    var known = Set.of(names);
    for (var name : object.members().keySet()) {
      if (!known.contains(name)) {
        throw new Refusal(flaw, "unknown member " + at(name));
      }
    }
    return this;
  }

  Json any(String name) throws Refusal {
    var value = object.members().get(name);
    if (value == null) {
      throw new Refusal(flaw, at(name) + " is missing");
    }
    return value;
  }

  boolean has(String name) {
    return object.members().containsKey(name);
  }

  Set<String> names() {
    return object.members().keySet();
  }

  Fields object(String name) throws Refusal {
    return of(any(name), at(name), flaw);
  }

  List<Json> list(String name, int most) throws Refusal {
    if (any(name) instanceof Json.Arr array) {
      if (array.items().size() > most) {
        throw new Refusal(flaw, at(name) + " has more than " + most + " items");
      }
      return array.items();
    }
    throw new Refusal(flaw, at(name) + " is not a list");
  }

  /// The one object in a list of exactly one.
  Fields single(String name) throws Refusal {
    var items = list(name, 1);
    if (items.size() != 1) {
      throw new Refusal(flaw, at(name) + " is empty");
    }
    return of(items.getFirst(), at(name) + "[0]", flaw);
  }

  String text(String name) throws Refusal {
    if (any(name) instanceof Json.Str string) {
      return string.value();
    }
    throw new Refusal(flaw, at(name) + " is not a string");
  }

  /// A string that must be exactly this.
  void exactly(String name, String expected, Flaw otherwise) throws Refusal {
    var found = text(name);
    if (!found.equals(expected)) {
      throw new Refusal(
          otherwise, at(name) + " is \"" + found + "\", expected \"" + expected + "\"");
    }
  }

  Bytes base64(String name) throws Refusal {
    return Bytes.base64(text(name))
        .orElseThrow(() -> new Refusal(flaw, at(name) + " is not canonical Base64"));
  }

  Hash hash(String name) throws Refusal {
    return hash(any(name), at(name));
  }

  List<Hash> hashes(String name, int most) throws Refusal {
    var hashes = new ArrayList<Hash>();
    for (var item : list(name, most)) {
      hashes.add(hash(item, at(name)));
    }
    return List.copyOf(hashes);
  }

  private Hash hash(Json json, String where) throws Refusal {
    return (json instanceof Json.Str string ? Hash.base64(string.value()) : Optional.<Hash>empty())
        .orElseThrow(() -> new Refusal(flaw, where + " is not a SHA-256 value in Base64"));
  }

  /// A count of 0 or more, written as a JSON number or (as protobuf's JSON does for 64 bits) as a
  /// string.
  long count(String name) throws Refusal {
    var text =
        switch (any(name)) {
          case Json.Num number -> number.text();
          case Json.Str string -> string.value();
          case Json.Obj ignored -> "";
          case Json.Arr ignored -> "";
          case Json.Bool ignored -> "";
          case Json.Null ignored -> "";
        };
    if (!text.matches("0|[1-9][0-9]{0,17}")) {
      throw new Refusal(flaw, at(name) + " is not a count");
    }
    return Long.parseLong(text);
  }

  String at(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}

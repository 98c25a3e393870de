package dev.fairway.server.delivery;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.delivery.EnvironmentDefinition.Approvals;
import dev.fairway.server.http.Role;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Whose yes or no counts for a deployment.
///
/// Security invariant: nobody decides over a change that they had a hand in. Whoever authored,
/// committed or pushed any commit since the release that the environment runs now is never
/// entitled, whatever their roles; authorship is what a commit claims, so the account that pushed
/// it counts as well.
///
/// A yes counts as long as whoever gave it would be entitled now: the rules may have changed since,
/// and so may what the release is compared with.
///
/// @param involved the people with a hand in the change
/// @param decided those who decided already: one person counts once
record ApprovalRules(String environment, Approvals required, Involved involved, Set<UUID> decided) {

  /// Who had a hand in a change, by account and by the names and addresses in its commits.
  ///
  /// @param users accounts that pushed its commits or are known to have written them
  /// @param emails addresses of authors and committers, in lower case
  /// @param names names of authors and committers, in lower case
  /// @param complete whether these are all; otherwise nobody is surely not among them
  record Involved(Set<UUID> users, Set<String> emails, Set<String> names, boolean complete) {
    Involved {
      users = Set.copyOf(users);
      emails = known(emails);
      names = known(names);
    }

    /// A commit may lack an address or a name, and so may a person: that makes them no match.
    private static Set<String> known(Set<String> words) {
      return words.stream()
          .filter(word -> !word.isBlank())
          .map(word -> word.toLowerCase(Locale.ROOT))
          .collect(Collectors.toUnmodifiableSet());
    }

    /// These, and whoever has that user name.
    Involved and(String name) {
      var more = new HashSet<>(names);
      more.add(name);
      return new Involved(users, emails, more, complete);
    }

    boolean includes(Person person) {
      return users.contains(person.id())
          || emails.contains(person.email().toLowerCase(Locale.ROOT))
          || names.contains(person.username().toLowerCase(Locale.ROOT))
          || names.contains(person.printedName().toLowerCase(Locale.ROOT));
    }
  }

  /// Somebody who wants to decide.
  ///
  /// @param email may be empty
  record Person(UUID id, String username, String printedName, String email, Set<Role> roles) {
    /// Somebody whose word never counts.
    static final Person NOBODY = new Person(new UUID(0, 0), "nobody", "nobody", "", Set.of());
  }

  ApprovalRules {
    decided = Set.copyOf(decided);
  }

  /// Why this person's word does not count, empty where it does.
  Optional<FairwayException> refusal(Person person) {
    if (!involved.complete()) {
      return Optional.of(
          new FairwayException(
              ErrorCode.TOO_LARGE,
              "The change has so many commits that it cannot be said who had no hand in it",
              "Deliver it in smaller steps."));
    }
    if (involved.includes(person)) {
      return Optional.of(
          new FairwayException(
              ErrorCode.FORBIDDEN,
              person.username()
                  + " had a hand in this change, and nobody decides over their own change",
              "Ask somebody with the role "
                  + required.role().word()
                  + " who neither wrote nor pushed any of its commits."));
    }
    if (!person.roles().contains(required.role())) {
      return Optional.of(
          new FairwayException(
              ErrorCode.FORBIDDEN,
              environment + " asks for people with the role " + required.role().word(),
              "Ask one of them, or an administrator for the role."));
    }
    if (decided.contains(person.id())) {
      return Optional.of(
          new FairwayException(
              ErrorCode.CONFLICT,
              person.username() + " has decided already, and one person counts once",
              "Another person has to decide."));
    }
    return Optional.empty();
  }

  /// How many of these decisions are a yes that counts.
  ///
  /// @param people as they are known now, by their id; whoever is not there is who the decision
  ///   says
  int counted(List<Approval> decisions, Function<UUID, Optional<Person>> people) {
    return (int)
        decisions.stream()
            .filter(decision -> decision.approved() && decision.role() == required.role())
            .map(decision -> people.apply(decision.userId()).orElseGet(decision::person))
            .filter(person -> involved.complete() && !involved.includes(person))
            .count();
  }

  /// How many more must say yes.
  int missing(int counted) {
    return Math.max(0, required.count() - counted);
  }
}

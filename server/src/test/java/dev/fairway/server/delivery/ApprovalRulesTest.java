package dev.fairway.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fairway.api.ErrorCode;
import dev.fairway.api.FairwayException;
import dev.fairway.server.delivery.ApprovalRules.Involved;
import dev.fairway.server.delivery.ApprovalRules.Person;
import dev.fairway.server.delivery.EnvironmentDefinition.Approvals;
import dev.fairway.server.http.Role;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ApprovalRulesTest {
  private static final UUID PUSHER = new UUID(1, 1);
  private static final UUID MIA = new UUID(1, 2);
  private static final UUID DECIDED = new UUID(1, 3);

  private static final ApprovalRules RULES =
      new ApprovalRules(
          "production",
          new Approvals(2, Role.APPROVER),
          new Involved(
              Set.of(PUSHER), Set.of("ada@example.com"), Set.of("ada", "ben breeze"), true),
          Set.of(DECIDED));

  static Stream<Arguments> people() {
    var approver = Set.of(Role.APPROVER);
    return Stream.of(
        Arguments.of("an approver", person(MIA, "mia", "Mia", "mia@example.com", approver), null),
        Arguments.of(
            "an approver with more roles",
            person(MIA, "mia", "Mia", "", Set.of(Role.APPROVER, Role.DEVELOPER)),
            null),
        Arguments.of(
            "somebody without the role",
            person(MIA, "mia", "Mia", "", Set.of(Role.OPERATOR, Role.ADMINISTRATOR)),
            ErrorCode.FORBIDDEN),
        Arguments.of(
            "the pusher by account",
            person(PUSHER, "zoe", "Zoe", "zoe@example.com", approver),
            ErrorCode.FORBIDDEN),
        Arguments.of(
            "an author by address, in other letters",
            person(MIA, "a", "A", "Ada@Example.com", approver),
            ErrorCode.FORBIDDEN),
        Arguments.of(
            "an author by user name", person(MIA, "Ada", "A", "", approver), ErrorCode.FORBIDDEN),
        Arguments.of(
            "an author by printed name",
            person(MIA, "ben", "Ben Breeze", "", approver),
            ErrorCode.FORBIDDEN),
        Arguments.of(
            "somebody who decided already",
            person(DECIDED, "eva", "Eva", "", approver),
            ErrorCode.CONFLICT),
        Arguments.of(
            "an administrator who pushed",
            person(PUSHER, "zoe", "Zoe", "", Set.of(Role.values())),
            ErrorCode.FORBIDDEN));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("people")
  void decidesWhoseWordCounts(String who, Person person, @Nullable ErrorCode refusal) {
    assertThat(RULES.refusal(person).map(FairwayException::code).orElse(null))
        .as(who)
        .isEqualTo(refusal);
  }

  @Test
  void aCommitWithoutAnAddressDoesNotShutOutPeopleWithoutOne() {
    var rules =
        new ApprovalRules(
            "production",
            new Approvals(1, Role.APPROVER),
            new Involved(Set.of(), Set.of(""), Set.of(""), true),
            Set.of());

    assertThat(rules.refusal(person(MIA, "mia", "Mia", "", Set.of(Role.APPROVER)))).isEmpty();
  }

  @Test
  void whereNotEverybodyIsKnownNobodyIsEntitled() {
    var rules =
        new ApprovalRules(
            "production",
            new Approvals(1, Role.APPROVER),
            new Involved(Set.of(), Set.of(), Set.of(), false),
            Set.of());

    var mia = person(MIA, "mia", "Mia", "", Set.of(Role.APPROVER));
    assertThat(rules.refusal(mia).map(FairwayException::code)).contains(ErrorCode.TOO_LARGE);
    assertThat(rules.counted(List.of(yes(MIA, "mia", Role.APPROVER)), _ -> Optional.empty()))
        .isZero();
  }

  @Test
  void aYesCountsAsLongAsWhoeverGaveItIsEntitled() {
    var decisions =
        List.of(
            yes(MIA, "mia", Role.APPROVER),
            yes(new UUID(1, 4), "olaf", Role.OPERATOR),
            yes(new UUID(1, 5), "Ada", Role.APPROVER),
            yes(PUSHER, "zoe", Role.APPROVER),
            yes(new UUID(1, 6), "eve", Role.APPROVER));

    assertThat(
            RULES.counted(
                decisions,
                id ->
                    id.equals(new UUID(1, 6))
                        ? Optional.of(person(id, "eve", "Eve", "ada@example.com", Set.of()))
                        : Optional.empty()))
        .isEqualTo(1);
  }

  private static Approval yes(UUID id, String name, Role role) {
    return new Approval(new UUID(2, 1), id, name, name, role, true, "", "", "", Instant.EPOCH);
  }

  @Test
  void countsWhatIsMissing() {
    assertThat(RULES.missing(0)).isEqualTo(2);
    assertThat(RULES.missing(2)).isZero();
    assertThat(RULES.missing(3)).isZero();
  }

  private static Person person(
      UUID id, String username, String printedName, String email, Set<Role> roles) {
    return new Person(id, username, printedName, email, roles);
  }
}

package io.sampo.cluster.placement;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.pekko.actor.Address;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.Reachability;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.util.Version;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

/** Who goes, of members of which the first is the oldest and who are called by their ports. */
final class ConnectedMajorityTest {
  private static final String VOTER = "voter";

  private final List<Member> members = new ArrayList<>();
  private Reachability seen = Reachability.empty();
  private Set<Integer> heardFrom = Set.of();

  @Test
  void ofTwoThatDoNotHearEachOtherOneGoesWhoeverDecides() {
    voters(3);
    silent(1, 2);
    silent(2, 1);
    heardFrom = Set.of(1, 2, 3);

    for (int self = 1; self <= 3; self++) {
      assertThat(goingAsSeenBy(self)).as("decided by " + self).containsExactly(2);
    }
  }

  /** The younger one, by its time in the cluster and not by its address. */
  @Test
  void whoHasComeBackGoesAgain() {
    members.add(member(2, 1, MemberStatus.up(), VOTER));
    members.add(member(3, 2, MemberStatus.up(), VOTER));
    members.add(member(1, 3, MemberStatus.up(), VOTER));
    silent(1, 2);
    silent(2, 1);
    heardFrom = Set.of(1, 2, 3);

    assertThat(goingAsSeenBy(3)).containsExactly(1);
  }

  /** It is heard by the others, who tell it nothing that it would hear, not even heartbeats. */
  @Test
  void whoHearsNobodyGoesAloneAlthoughItIsTheOldest() {
    voters(3);
    silent(1, 2);
    silent(1, 3);
    silent(2, 1);
    silent(3, 1);
    heardFrom = Set.of(1, 2, 3);

    for (int self = 1; self <= 3; self++) {
      assertThat(goingAsSeenBy(self)).as("decided by " + self).containsExactly(1);
    }
  }

  @Test
  void whoOnlyLearnsGoesBeforeWhoVotes() {
    members.add(member(1, 1, MemberStatus.up(), "learner"));
    members.add(member(2, 2, MemberStatus.up(), VOTER));
    members.add(member(3, 3, MemberStatus.up(), VOTER));
    silent(1, 2);
    silent(2, 1);
    heardFrom = Set.of(1, 2, 3);

    assertThat(goingAsSeenBy(3)).containsExactly(1);
  }

  @Test
  void ofSeveralCutCablesEachCostsOne() {
    voters(5);
    silent(1, 2);
    silent(2, 1);
    silent(3, 4);
    silent(4, 3);
    heardFrom = Set.of(1, 2, 3, 4, 5);

    assertThat(goingAsSeenBy(5)).containsExactly(2, 4);
  }

  /** Else the next decision would take out the one that was kept. */
  @Test
  void nobodyGoesBecauseOfOneThatIsGoing() {
    members.add(member(1, 1, MemberStatus.up(), VOTER));
    members.add(member(2, 2, MemberStatus.down(), VOTER));
    members.add(member(3, 3, MemberStatus.up(), VOTER));
    silent(1, 2);
    silent(2, 1);
    heardFrom = Set.of(1, 2, 3);

    assertThat(goingAsSeenBy(3)).isEmpty();
  }

  @Test
  void aTornNetworkKeepsTheMajority() {
    voters(3);
    silent(1, 3);
    silent(2, 3);
    heardFrom = Set.of(1, 2);
    assertThat(goingAsSeenBy(1)).containsExactly(3);

    seen = Reachability.empty();
    silent(3, 1);
    silent(3, 2);
    heardFrom = Set.of(3);
    assertThat(goingAsSeenBy(3)).containsExactly(3);
  }

  /** The smaller part goes, and with it who isn't heard within the larger one. */
  @Test
  void aTornNetworkWithACutCableIsDecidedByPekko() {
    voters(5);
    silent(1, 5);
    silent(2, 5);
    silent(3, 5);
    silent(4, 5);
    silent(1, 2);
    silent(2, 1);
    heardFrom = Set.of(1, 2, 3, 4);

    assertThat(goingAsSeenBy(3)).containsExactly(1, 2, 5);
  }

  private void voters(int count) {
    for (int i = 1; i <= count; i++) {
      members.add(member(i, i, MemberStatus.up(), VOTER));
    }
  }

  private static Member member(int port, int upNumber, MemberStatus status, String role) {
    return new Member(
        address(port), upNumber, status, immutable(List.of(role, "dc-default")), Version.Zero());
  }

  private static UniqueAddress address(int port) {
    return new UniqueAddress(new Address("pekko", "test", "127.0.0.1", port), (long) port);
  }

  private static <T> scala.collection.immutable.Set<T> immutable(Collection<T> all) {
    return CollectionConverters.asScala(all).toSet();
  }

  /** The one says that it doesn't hear the other. */
  private void silent(int observer, int subject) {
    seen = seen.unreachable(address(observer), address(subject));
  }

  private Set<Integer> goingAsSeenBy(int self) {
    ConnectedMajority strategy = new ConnectedMajority("default", VOTER, address(self));
    members.forEach(strategy::add);
    strategy.setReachability(seen);
    Stream.concat(
            members.stream().filter(member -> !seen.isReachable(member.uniqueAddress())),
            members.stream().filter(member -> member.status().equals(MemberStatus.down())))
        .forEach(strategy::addUnreachable);
    strategy.setSeenBy(immutable(heardFrom.stream().map(port -> address(port).address()).toList()));
    Set<Integer> going = new TreeSet<>();
    for (UniqueAddress gone :
        CollectionConverters.asJava(strategy.nodesToDown(strategy.decide()))) {
      going.add(gone.address().getPort().orElseThrow());
    }
    return going;
  }
}

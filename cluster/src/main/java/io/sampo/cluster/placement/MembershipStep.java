package io.sampo.cluster.placement;

import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.ReplicaId;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The next thing to do on the way from a log group's membership to the nodes that should have its
 * voters. Pure, and without a memory: it looks at how things are and says one step, so whoever
 * takes over in the middle goes on.
 *
 * <p>Some nodes only learn: they are to have a learner for good, which never votes.
 *
 * <p>Always holds of what it says:
 *
 * <ul>
 *   <li>one step at a time, one voter apart at most, and none while a membership isn't committed;
 *   <li>a replica learns first, and votes when it has caught up;
 *   <li>a voter that works is removed only when all that should vote do and work, and never while
 *       it leads; one that is lost is removed when its successor has caught up, or none comes;
 *   <li>after a step a majority of the voters works, unless none did before and the step is what
 *       brings it back.
 * </ul>
 */
public sealed interface MembershipStep {
  /** All is as it should be. */
  enum Settled implements MembershipStep {
    INSTANCE
  }

  /** Nothing can be done now; the reason is for people. */
  record Wait(String reason) implements MembershipStep {}

  /** A node is to get a replica, which is then added as a learner. */
  record AddLearner(String node) implements MembershipStep {}

  /** The log group is to have another membership; the reason is for people. */
  record Change(Membership membership, String reason) implements MembershipStep {}

  /** What is known of a replica. */
  enum Copy {
    /** It is there and has what is committed. */
    WORKS,
    /** It isn't there, or hasn't caught up; that may change. */
    WEAK,
    /** It is not to be expected any more: its disk was replaced, or its node is given up. */
    LOST
  }

  /**
   * A log group as its leader sees it.
   *
   * @param membership in force
   * @param committed whether that is committed
   * @param leader the replica that leads
   * @param copies of all members; one that is missing is weak
   */
  record Group(
      Membership membership, boolean committed, ReplicaId leader, Map<ReplicaId, Copy> copies) {
    Copy copy(ReplicaId replica) {
      return copies.getOrDefault(replica, Copy.WEAK);
    }

    private long working(List<ReplicaId> voters) {
      return voters.stream().filter(voter -> copy(voter) == Copy.WORKS).count();
    }

    /** Whether more than half of these voters work. */
    private boolean hasMajority(Membership of) {
      return working(of.voters()) >= of.majority();
    }
  }

  /** As below, when no node only learns. */
  static MembershipStep next(Group group, Set<String> wanted, Predicate<String> mayLearn) {
    return next(group, wanted, Set.of(), mayLearn);
  }

  /**
   * @param wanted the nodes that should have the voters
   * @param learning the nodes that should have learners for good; none of them is wanted
   * @param mayLearn whether a node may take one more replica to catch up now
   */
  static MembershipStep next(
      Group group, Set<String> wanted, Set<String> learning, Predicate<String> mayLearn) {
    if (!group.committed()) {
      return new Wait("a change of its membership is under way");
    }
    Membership now = group.membership();
    if (!group.hasMajority(now)) {
      return withoutMajority(group);
    }
    for (ReplicaId learner : now.learners()) {
      boolean isExpected = wanted.contains(learner.node()) || learning.contains(learner.node());
      if (!isExpected || group.copy(learner) == Copy.LOST) {
        return new Change(now.without(learner), learner + " need not learn any more");
      }
    }
    for (ReplicaId learner : now.learners()) {
      if (wanted.contains(learner.node())) {
        return promote(group, learner);
      }
    }
    TreeSet<String> missing = new TreeSet<>(wanted);
    now.voters().stream()
        .filter(voter -> group.copy(voter) != Copy.LOST)
        .forEach(voter -> missing.remove(voter.node()));
    if (!missing.isEmpty()) {
      return missing.stream()
          .filter(mayLearn)
          .findFirst()
          .<MembershipStep>map(AddLearner::new)
          .orElseGet(() -> new Wait(missing + " to be done with what they catch up with"));
    }
    MembershipStep surplus = removeSurplus(group, wanted);
    if (surplus != Settled.INSTANCE) {
      return surplus;
    }
    TreeSet<String> toLearn = new TreeSet<>(learning);
    now.learners().forEach(learner -> toLearn.remove(learner.node()));
    return toLearn.stream()
        .filter(mayLearn)
        .findFirst()
        .<MembershipStep>map(AddLearner::new)
        .orElse(surplus); // nobody waits for one that isn't there
  }

  /** Of two voters one is lost: without it the other is the majority again. */
  private static MembershipStep withoutMajority(Group group) {
    for (ReplicaId voter : group.membership().voters()) {
      Membership rest = group.membership().without(voter);
      if (group.copy(voter) == Copy.LOST && group.hasMajority(rest)) {
        return new Change(rest, voter + " is lost, and the others have no majority with it");
      }
    }
    return new Wait("a majority of its voters to be there and to have caught up");
  }

  private static MembershipStep promote(Group group, ReplicaId learner) {
    Membership now = group.membership();
    if (group.copy(learner) != Copy.WORKS) {
      return new Wait(learner + " to catch up");
    }
    for (ReplicaId voter : now.voters()) {
      if (group.copy(voter) == Copy.LOST) {
        return new Change(
            now.without(voter), voter + " is lost, and " + learner + " has caught up");
      }
    }
    return new Change(now.withVoter(learner), learner + " has caught up and votes");
  }

  private static MembershipStep removeSurplus(Group group, Set<String> wanted) {
    Membership now = group.membership();
    for (ReplicaId voter : now.voters()) {
      if (group.copy(voter) == Copy.LOST) {
        return new Change(now.without(voter), voter + " is lost, and nobody takes its place");
      }
    }
    List<ReplicaId> surplus =
        now.voters().stream()
            .filter(voter -> !wanted.contains(voter.node()))
            .sorted(Comparator.comparing(voter -> group.copy(voter) == Copy.WORKS))
            .toList();
    if (surplus.isEmpty()) {
      return Settled.INSTANCE;
    }
    boolean allWork =
        now.voters().stream()
            .filter(voter -> wanted.contains(voter.node()))
            .allMatch(voter -> group.copy(voter) == Copy.WORKS);
    if (!allWork) {
      return new Wait("all of its voters to have caught up");
    }
    for (ReplicaId voter : surplus) {
      if (!voter.equals(group.leader()) && group.hasMajority(now.without(voter))) {
        return new Change(now.without(voter), voter + " need not vote any more");
      }
    }
    return new Wait("another of its voters to lead it, or to catch up");
  }
}

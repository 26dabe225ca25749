package io.sampo.cluster.protocol;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Who replicates a log group. It lives in the log, so that it is cut, replicated and committed like
 * everything else; the newest one in a replica's log is in force there, committed or not.
 *
 * @param voters whose copies count for the commit position and who promise epochs; sorted
 * @param learners who replicate and count for nothing; sorted, none of them a voter
 */
public record Membership(List<ReplicaId> voters, List<ReplicaId> learners) {
  /** Of a replica that has not been told yet who is in its group. */
  public static final Membership NOBODY = new Membership(List.of(), List.of());

  public Membership {
    voters = voters.stream().sorted().distinct().toList();
    learners = learners.stream().sorted().distinct().toList();
    for (ReplicaId learner : learners) {
      if (voters.contains(learner)) {
        throw new IllegalArgumentException(learner + " can't both vote and learn");
      }
    }
  }

  public static Membership ofVoters(Collection<ReplicaId> voters) {
    return new Membership(List.copyOf(voters), List.of());
  }

  public boolean isVoter(ReplicaId replica) {
    return voters.contains(replica);
  }

  public boolean isMember(ReplicaId replica) {
    return voters.contains(replica) || learners.contains(replica);
  }

  /** How many voters are more than half of them. */
  public int majority() {
    return voters.size() / 2 + 1;
  }

  /** Voters and learners. */
  public List<ReplicaId> members() {
    List<ReplicaId> members = new ArrayList<>(voters);
    members.addAll(learners);
    return members;
  }

  /** How many replicas vote in one of the two and not in the other. */
  public int votersApart(Membership other) {
    int apart = 0;
    for (ReplicaId voter : voters) {
      apart += other.isVoter(voter) ? 0 : 1;
    }
    for (ReplicaId voter : other.voters) {
      apart += isVoter(voter) ? 0 : 1;
    }
    return apart;
  }

  /** The same with one more voter, who no longer is a learner. */
  public Membership withVoter(ReplicaId replica) {
    List<ReplicaId> more = new ArrayList<>(voters);
    more.add(replica);
    return new Membership(more, without(learners, replica));
  }

  /** The same with one more learner. */
  public Membership withLearner(ReplicaId replica) {
    List<ReplicaId> more = new ArrayList<>(learners);
    more.add(replica);
    return new Membership(voters, more);
  }

  /** The same without a replica. */
  public Membership without(ReplicaId replica) {
    return new Membership(without(voters, replica), without(learners, replica));
  }

  private static List<ReplicaId> without(List<ReplicaId> replicas, ReplicaId replica) {
    return replicas.stream().filter(each -> !each.equals(replica)).toList();
  }
}

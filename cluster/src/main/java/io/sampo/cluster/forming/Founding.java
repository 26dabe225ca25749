package io.sampo.cluster.forming;

import io.sampo.cluster.forming.FoundingMessage.Accept;
import io.sampo.cluster.forming.FoundingMessage.Accepted;
import io.sampo.cluster.forming.FoundingMessage.Ask;
import io.sampo.cluster.forming.FoundingMessage.Founded;
import io.sampo.cluster.forming.FoundingMessage.Prepare;
import io.sampo.cluster.forming.FoundingMessage.Promised;
import io.sampo.cluster.forming.FoundingMessage.Refused;
import io.sampo.cluster.placement.ClusterPlan;
import io.sampo.cluster.protocol.ReplicaId;
import java.io.IOException;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One node's part in founding its cluster: agreeing with the others on one {@link ClusterPlan}. A
 * state machine without clock, thread or network; it writes its state before it says anything that
 * rests on it.
 *
 * <p>A plan is founded when <em>all</em> nodes in it have accepted it in one attempt. Attempts are
 * numbered and go in two steps, as in Paxos: first others promise to refuse older attempts and say
 * what they accepted, then the plan is proposed to those in it. Always holds: at most one plan is
 * ever founded by nodes with the same seeds. For the founders of any plan include a majority of the
 * seeds, so every attempt that got promises from a majority of the seeds has heard of a plan that
 * may be founded, and proposes no other.
 *
 * <p>A proposal that some node in it refuses for good, by a promise to a newer attempt, can't be
 * founded any more and is dropped; so nodes that come and go don't stop a founding. What does, on
 * purpose: a node that accepted and is gone for good, since it may have been the last one.
 */
final class Founding {
  /** How many ticks an attempt may take before the next one. */
  private static final int ATTEMPT_TICKS = 12;

  /** After how many of them those who haven't answered are done without. */
  private static final int ANSWER_TICKS = 4;

  /** To whom messages go; they may get lost. */
  interface Outbox {
    void send(String address, FoundingMessage message);
  }

  /** Where the state is kept. */
  interface Store {
    FoundingState state();

    /** Durable when this returns; after a failure, and a restart, it is the old or the new one. */
    void write(FoundingState state) throws IOException;
  }

  /** An attempt of this node; ends with the process. */
  private static final class Attempt {
    final Ballot ballot;
    final Map<String, Promised> promises = new LinkedHashMap<>();
    final Set<String> asked;
    final Set<ReplicaId> accepted = new HashSet<>();
    @Nullable Proposal proposal;
    int ticks;

    Attempt(Ballot ballot, Collection<String> asked) {
      this.ballot = ballot;
      this.asked = new LinkedHashSet<>(asked);
    }
  }

  private final String self;
  private final ReplicaId replica;
  private final FoundingRules rules;
  private final Store store;
  private final Outbox outbox;
  private final Supplier<String> clusterIds;

  private Ballot highest = Ballot.NONE;
  private @Nullable Attempt attempt;
  private int ticksWaited;
  private String waitsFor = "";
  private @Nullable ClusterPlan foreign;

  /**
   * @param self this node's address
   * @param replica this node and its disk
   * @param clusterIds draws the id of a new cluster, never the same one twice
   */
  Founding(
      String self,
      ReplicaId replica,
      FoundingRules rules,
      Store store,
      Outbox outbox,
      Supplier<String> clusterIds) {
    this.self = self;
    this.replica = replica;
    this.rules = rules;
    this.store = store;
    this.outbox = outbox;
    this.clusterIds = clusterIds;
  }

  /** The plan once the cluster is founded, else null. */
  @Nullable ClusterPlan plan() {
    return store.state().founded();
  }

  /** The plan of another cluster, if one of its members has spoken to this node; else null. */
  @Nullable ClusterPlan foreign() {
    return foreign;
  }

  /** What keeps the founding from going on, for people. */
  String waitsFor() {
    return waitsFor;
  }

  /**
   * Time passes.
   *
   * @param members the addresses of all members that are up, this one too, sorted
   */
  void tick(List<String> members) throws IOException {
    if (plan() != null) {
      return;
    }
    members.stream()
        .filter(member -> !member.equals(self))
        .forEach(member -> outbox.send(member, new Ask(self)));
    if (rules.initialNodes() == 0) {
      waitsFor = "a member that knows the cluster's plan; sampo.cluster.initial-nodes is not set";
    } else if (members.size() < rules.initialNodes() || !rules.hasSeedMajority(members)) {
      waitsFor =
          "%d nodes and more than half of the seeds to be up; there are %s"
              .formatted(rules.initialNodes(), members);
    } else if (attempt != null) {
      continueAttempt(attempt);
    } else if (++ticksWaited > members.indexOf(self) * ATTEMPT_TICKS) {
      // The first of them goes ahead; the next one only if that comes to nothing.
      begin(members);
    }
  }

  private void begin(List<String> members) throws IOException {
    ticksWaited = 0;
    FoundingState state = store.state();
    Ballot newest = max(highest, state.promised());
    Attempt begun = new Attempt(new Ballot(newest.round() + 1, replica.node()), members);
    // First of all to itself, so that it never uses the number for another attempt.
    store.write(new FoundingState(begun.ballot, state.accepted(), null));
    highest = begun.ballot;
    attempt = begun;
    members.forEach(member -> outbox.send(member, new Prepare(self, begun.ballot)));
  }

  private void continueAttempt(Attempt current) {
    current.ticks++;
    if (current.ticks > ATTEMPT_TICKS) {
      attempt = null;
    } else if (current.ticks >= ANSWER_TICKS && current.proposal == null) {
      propose(current);
    }
  }

  /** A message has come. */
  void receive(FoundingMessage message) throws IOException {
    ClusterPlan known = plan();
    if (message instanceof Founded founded) {
      onFounded(founded, known);
    } else if (known != null) {
      outbox.send(message.from(), new Founded(self, known));
    } else if (message instanceof Prepare prepare) {
      onPrepare(prepare);
    } else if (message instanceof Promised promised) {
      onPromised(promised);
    } else if (message instanceof Accept accept) {
      onAccept(accept);
    } else if (message instanceof Accepted accepted) {
      onAccepted(accepted);
    } else if (message instanceof Refused refused) {
      onRefused(refused);
    }
  }

  private void onFounded(Founded founded, @Nullable ClusterPlan known) throws IOException {
    if (known == null) {
      FoundingState state = store.state();
      store.write(new FoundingState(state.promised(), state.accepted(), founded.plan()));
      attempt = null;
    } else if (!known.clusterId().equals(founded.plan().clusterId())) {
      foreign = founded.plan();
    }
  }

  private void onPrepare(Prepare prepare) throws IOException {
    FoundingState state = store.state();
    highest = max(highest, prepare.ballot());
    if (prepare.ballot().compareTo(state.promised()) < 0) {
      outbox.send(prepare.from(), new Refused(self, state.promised()));
      return;
    }
    if (!prepare.ballot().equals(state.promised())) {
      store.write(new FoundingState(prepare.ballot(), state.accepted(), null));
    }
    outbox.send(prepare.from(), new Promised(self, prepare.ballot(), replica, state.accepted()));
  }

  private void onPromised(Promised promised) {
    Attempt current = attempt;
    if (current == null || !current.ballot.equals(promised.ballot()) || current.proposal != null) {
      return;
    }
    current.promises.put(promised.from(), promised);
    if (current.promises.keySet().containsAll(current.asked)) {
      propose(current);
    }
  }

  /** Proposes the plan that may have been founded already, or a new one if there is none. */
  private void propose(Attempt current) {
    if (!rules.hasSeedMajority(current.promises.keySet())) {
      waitsFor = "more than half of the seeds to answer; %s did".formatted(current.promises);
      return;
    }
    Proposal earlier =
        current.promises.values().stream()
            .map(Promised::accepted)
            .filter(accepted -> accepted != null && !isDead(accepted, current))
            .max(Comparator.comparing(Proposal::ballot))
            .orElse(null);
    ClusterPlan plan = earlier == null ? newPlan(current) : earlier.plan();
    if (plan == null) {
      waitsFor = "%d nodes to answer".formatted(rules.initialNodes());
      return;
    }
    Map<ReplicaId, String> addresses =
        current.promises.values().stream()
            .collect(Collectors.toMap(Promised::replica, Promised::from, (one, other) -> other));
    if (!addresses.keySet().containsAll(plan.founders())) {
      waitsFor =
          "all of %s, who may have founded the cluster already; there are %s"
              .formatted(plan.founders(), addresses.keySet());
      return;
    }
    Proposal proposal = new Proposal(current.ballot, plan);
    current.proposal = proposal;
    plan.founders()
        .forEach(
            founder -> {
              String address = addresses.get(founder);
              if (address != null) {
                outbox.send(address, new Accept(self, proposal));
              }
            });
  }

  /** Whether somebody whose acceptance it needs has promised to refuse it. */
  private static boolean isDead(Proposal proposal, Attempt current) {
    for (Promised promised : current.promises.values()) {
      Proposal accepted = promised.accepted();
      if (proposal.plan().founders().contains(promised.replica())
          && (accepted == null || accepted.ballot().compareTo(proposal.ballot()) < 0)) {
        return true;
      }
    }
    return false;
  }

  private @Nullable ClusterPlan newPlan(Attempt current) {
    List<ReplicaId> founders =
        current.promises.values().stream()
            .sorted(
                Comparator.<Promised, Boolean>comparing(
                        promised -> !rules.seeds().contains(promised.from()))
                    .thenComparing(Promised::replica))
            .map(Promised::replica)
            .limit(rules.initialNodes())
            .toList();
    return founders.size() < rules.initialNodes()
        ? null
        : ClusterPlan.founding(
            clusterIds.get(), founders, rules.replicas(), rules.logGroupsPerNode());
  }

  private void onAccept(Accept accept) throws IOException {
    Proposal proposal = accept.proposal();
    Ballot promised = store.state().promised();
    highest = max(highest, proposal.ballot());
    if (proposal.ballot().compareTo(promised) < 0) {
      outbox.send(accept.from(), new Refused(self, promised));
    } else if (proposal.plan().founders().contains(replica)) {
      store.write(new FoundingState(proposal.ballot(), proposal, null));
      outbox.send(accept.from(), new Accepted(self, proposal.ballot(), replica));
    }
  }

  private void onAccepted(Accepted accepted) throws IOException {
    Attempt current = attempt;
    if (current == null || current.proposal == null || !current.ballot.equals(accepted.ballot())) {
      return;
    }
    current.accepted.add(accepted.replica());
    ClusterPlan plan = current.proposal.plan();
    if (current.accepted.containsAll(plan.founders())) {
      FoundingState state = store.state();
      store.write(new FoundingState(state.promised(), state.accepted(), plan));
      attempt = null;
      current.asked.stream()
          .filter(address -> !address.equals(self))
          .forEach(address -> outbox.send(address, new Founded(self, plan)));
    }
  }

  private void onRefused(Refused refused) {
    highest = max(highest, refused.promised());
    Attempt current = attempt;
    if (current != null && refused.promised().compareTo(current.ballot) > 0) {
      attempt = null; // the other attempt goes ahead; the waiting time decides who is next
    }
  }

  private static Ballot max(Ballot one, Ballot other) {
    return one.compareTo(other) >= 0 ? one : other;
  }
}

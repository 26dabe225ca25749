package io.sampo.cluster.forming;

import io.sampo.cluster.placement.ClusterPlan;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.serialization.ControlMessage;
import org.jspecify.annotations.Nullable;

/** What nodes tell each other to found a cluster, see {@link Founding}. */
sealed interface FoundingMessage extends ClusterForming.Command, ControlMessage {
  /** The address of the node that says it. */
  String from();

  /** Asks for the plan, if there is one. */
  record Ask(String from) implements FoundingMessage {}

  /** Asks to refuse all attempts below this one. */
  record Prepare(String from, Ballot ballot) implements FoundingMessage {}

  /** The answer: it does, and this is what it accepted before. */
  record Promised(String from, Ballot ballot, ReplicaId replica, @Nullable Proposal accepted)
      implements FoundingMessage {}

  /** Asks a node that is in the plan to accept it. */
  record Accept(String from, Proposal proposal) implements FoundingMessage {}

  /** The answer: it has, durably. */
  record Accepted(String from, Ballot ballot, ReplicaId replica) implements FoundingMessage {}

  /** Another attempt has a higher number. */
  record Refused(String from, Ballot promised) implements FoundingMessage {}

  /** All who are in this plan have accepted it: the cluster is founded. */
  record Founded(String from, ClusterPlan plan) implements FoundingMessage {}
}

package io.sampo.actors.consumer;

import io.sampo.cluster.serialization.ControlMessage;
import java.util.Set;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.persistence.typed.PersistenceId;

/** The durable side of who is in a group. */
final class GroupRoll extends GroupJournal<GroupRoll.RollChanged, Roll> {
  /** These came and those went. */
  record RollChanged(Set<String> joined, Set<String> left) implements ControlMessage {
    RollChanged {
      joined = Set.copyOf(joined);
      left = Set.copyOf(left);
    }
  }

  private GroupRoll(PersistenceId id, int snapshotEvery, Parent<Roll> parent) {
    super(id, snapshotEvery, parent);
  }

  /**
   * @param identity the group, and the log group that holds the journal
   */
  static Behavior<RollChanged> create(
      ConsumerGroup.Identity identity, int snapshotEvery, Parent<Roll> parent) {
    PersistenceId id = PersistenceId.ofUniqueId(identity.home() + "/roll/" + identity.group());
    return Behaviors.setup(context -> new GroupRoll(id, snapshotEvery, parent));
  }

  @Override
  public Roll emptyState() {
    return Roll.EMPTY;
  }

  @Override
  Roll with(Roll roll, RollChanged changed) {
    return roll.with(changed.joined(), changed.left());
  }
}

package io.sampo.actors.consumer;

import java.util.HashSet;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.jspecify.annotations.Nullable;

/**
 * Keeps in the journal who is in a group, so that a leader that takes over expects those who were
 * there: owns the child that writes, gives it what changed, one event at a time, and starts it
 * again after a growing pause when it ends. Part of the group's actor, on its thread.
 *
 * <p>Nothing waits for it. What was not written when the leadership ends is a member that isn't
 * expected, or one that is expected in vain.
 */
final class RollWriter {
  /** What the group is told on behalf of its writer, and passes on. */
  sealed interface Event extends ConsumerGroup.InternalCommand {}

  /** The child told something. */
  record Told(GroupRoll.Told told) implements Event {}

  private enum ChildEnded implements Event {
    INSTANCE
  }

  private enum StartChild implements Event {
    INSTANCE
  }

  private enum NoMoreExpected implements Event {
    INSTANCE
  }

  private final TimerScheduler<ConsumerGroup.Command> timers;
  private final ConsumerSettings settings;
  private final GroupMembers members;
  private final ActorRef<GroupRoll.Told> childTells;
  private final JournalChild<ConsumerGroup.Command, GroupRoll.Command> journal;

  /** The child while it takes changes: from the end of its recovery to its own. */
  private @Nullable ActorRef<GroupRoll.Command> child;

  /** What the journal has, once the child has written what it is at. */
  private Roll written = Roll.EMPTY;

  /** The {@link GroupMembers#idsVersion} that was written last; -1 when that isn't known. */
  private int writtenVersion = -1;

  private boolean underway;
  private boolean recovered;

  RollWriter(
      ActorContext<ConsumerGroup.Command> context,
      TimerScheduler<ConsumerGroup.Command> timers,
      ConsumerGroup.Identity identity,
      ConsumerSettings settings,
      GroupMembers members) {
    this.timers = timers;
    this.settings = settings;
    this.members = members;
    this.childTells = context.messageAdapter(GroupRoll.Told.class, Told::new);
    this.journal =
        new JournalChild<>(
            context,
            timers,
            "the journal of " + identity.group() + "'s members",
            GroupRoll.create(
                identity.home(), identity.group(), settings.snapshotEvery(), childTells),
            ChildEnded.INSTANCE,
            StartChild.INSTANCE);
    journal.start();
  }

  /** True once the members know who is expected. */
  boolean hasRecovered() {
    return recovered;
  }

  /** Members came or went: writes it, or does so after what is being written. */
  void membersChanged() {
    if (child == null || underway || members.idsVersion() == writtenVersion) {
      return;
    }
    writtenVersion = members.idsVersion();
    Set<String> now = Set.copyOf(members.sortedIds());
    Set<String> joined = new HashSet<>(now);
    joined.removeAll(written.clientIds());
    Set<String> left = new HashSet<>(written.clientIds());
    left.removeAll(now);
    if (!joined.isEmpty() || !left.isEmpty()) {
      written = new Roll(now);
      underway = true;
      child.tell(new GroupRoll.Store(joined, left, childTells));
    }
  }

  /** Handles what the group was told on behalf of this. */
  void on(Event event) {
    if (event instanceof Told message) {
      onTold(message.told());
    } else if (event == ChildEnded.INSTANCE) {
      onChildEnded();
    } else if (event == StartChild.INSTANCE) {
      journal.start();
    } else {
      members.expectNoMore();
    }
    membersChanged();
  }

  private void onTold(GroupRoll.Told told) {
    if (told instanceof GroupRoll.Recovered fromJournal) {
      child = fromJournal.writer();
      written = fromJournal.roll();
      writtenVersion = -1;
      if (!recovered) {
        recovered = true;
        members.expect(written.clientIds());
        if (!written.clientIds().isEmpty()) {
          timers.startSingleTimer(NoMoreExpected.INSTANCE, settings.rejoinTimeout());
        }
      }
      return;
    }
    underway = false;
    journal.onStored();
  }

  private void onChildEnded() {
    journal.onEnded();
    child = null;
    underway = false;
  }
}

package io.sampo.actors.consumer;

import io.sampo.actors.consumer.GroupRoll.RollChanged;
import java.util.HashSet;
import java.util.Set;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;

/**
 * Keeps in the journal who is in a group, one change at a time, so that a leader that takes over
 * expects those who were there. Part of the group's actor, on its thread.
 *
 * <p>Nothing waits for it. What was not written when the leadership ends is a member that isn't
 * expected, or one that is expected in vain.
 */
final class RollWriter implements JournalChild.Listener<Roll> {
  /** What the group is told on behalf of its writer, and passes on. */
  sealed interface Event extends ConsumerGroup.InternalCommand {}

  private record JournalTold(JournalChild.News<Roll> news) implements Event {}

  private enum NoMoreExpected implements Event {
    INSTANCE
  }

  private final TimerScheduler<ConsumerGroup.Command> timers;
  private final ConsumerSettings settings;
  private final GroupMembers members;
  private final JournalChild<ConsumerGroup.Command, RollChanged, Roll> journal;

  /** What the journal has, once what is being written is. */
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
    this.journal =
        new JournalChild<>(
            context,
            timers,
            "the journal of " + identity.group() + "'s members",
            JournalTold::new,
            parent -> GroupRoll.create(identity, settings.snapshotEvery(), parent),
            this);
  }

  /** True once the members know who is expected. */
  boolean hasRecovered() {
    return recovered;
  }

  /** Members came or went: writes it, or does so after what is being written. */
  void membersChanged() {
    if (!journal.isWritable() || underway || members.idsVersion() == writtenVersion) {
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
      journal.write(new RollChanged(joined, left));
    }
  }

  /** Handles what the group was told on behalf of this. */
  void on(Event event) {
    if (event instanceof JournalTold told) {
      journal.on(told.news());
    } else {
      members.expectNoMore();
    }
    membersChanged();
  }

  @Override
  public void onRecovered(Roll roll) {
    written = roll;
    writtenVersion = -1;
    if (!recovered) {
      recovered = true;
      members.expect(written.clientIds());
      if (!written.clientIds().isEmpty()) {
        timers.startSingleTimer(NoMoreExpected.INSTANCE, settings.rejoinTimeout());
      }
    }
  }

  @Override
  public void onStored() {
    underway = false;
  }

  @Override
  public void onLost() {
    underway = false;
  }
}

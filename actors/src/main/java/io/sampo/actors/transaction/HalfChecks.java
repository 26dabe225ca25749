package io.sampo.actors.transaction;

import io.sampo.actors.group.CrossQueueWriter.Written;
import io.sampo.actors.transaction.HalfEvent.Changed;
import io.sampo.actors.transaction.PendingHalves.Half;
import io.sampo.record.MessageIds;
import io.sampo.record.MessageRecord;
import io.sampo.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Asks producers about the half messages of a {@link TransactionChecker} that are due, on its
 * thread, and parks what nobody decides. So many questions are on their way at most; one counts
 * when it was written to a producer's connection, and is noted in the log then, together with
 * others.
 */
final class HalfChecks {
  /** Half messages looked at in one turn, so that requests come in between. */
  private static final int DUE_PER_TURN = 256;

  /** Notes of checks that are written together. */
  private static final int CHANGES_PER_EVENT = 64;

  /** A question on its way. */
  record Asked(Half half, String group, long sinceMs) {}

  private final TransactionChecker.Home home;
  private final PendingHalves halves;
  private final HalfRecords records;
  private final HalfIntake.Writes writes;
  private final BiConsumer<Asked, Boolean> told;
  private final Logger log;

  /** Questions that aren't written yet, oldest first. */
  private final Set<Asked> asked = new LinkedHashSet<>();

  /** Those that were asked and whose new state isn't on its way to the log. */
  private final List<Half> checked = new ArrayList<>();

  /** Groups of whose producers none was found on any node. */
  private final AbsentGroups absent;

  /**
   * @param told hears of each question, on any thread, whether it was written; {@link #written}
   *     goes on with that
   */
  HalfChecks(
      TransactionChecker.Home home,
      PendingHalves halves,
      HalfRecords records,
      HalfIntake.Writes writes,
      BiConsumer<Asked, Boolean> told,
      Logger log) {
    this.home = home;
    this.halves = halves;
    this.records = records;
    this.writes = writes;
    this.told = told;
    this.log = log;
    this.absent = new AbsentGroups(home.settings().checkInterval().dividedBy(2).toMillis());
  }

  /** Asks those whose time has come, and parks those that were asked as often as may be. */
  void askDue() {
    long nowMs = nowMs();
    giveUpQuestions(nowMs);
    List<HalfState> parked = new ArrayList<>();
    for (int i = 0; i < DUE_PER_TURN; i++) {
      if (asked.size() >= home.settings().checksInFlightMax()) {
        break;
      }
      Half half = halves.takeDue(nowMs);
      if (half == null) {
        break;
      }
      if (halves.isExhausted(half)) {
        halves.park(half);
        parked.add(half.state());
        sayParked(half);
      } else {
        ask(half, nowMs);
      }
    }
    writeChanges(parked);
  }

  /** A connection that takes nothing must not keep the others waiting. */
  private void giveUpQuestions(long nowMs) {
    long oldestMs = nowMs - home.settings().checkInterval().toMillis();
    asked.removeIf(
        question -> {
          boolean old = question.sinceMs() <= oldestMs;
          if (old) {
            halves.notReached(question.half(), nowMs);
          }
          return old;
        });
  }

  private void ask(Half half, long nowMs) {
    String group = null;
    ProducerLink link = null;
    ProducerLink.TransactionCheck check = null;
    try (LogSlice slice = records.read(half)) {
      if (slice != null) {
        ByteBuffer bytes = slice.bytes();
        group = HalfMessage.producerGroup(bytes, bytes.position());
        link = group == null ? null : producer(group, nowMs);
        if (link != null) {
          check = HalfMessage.toCheck(bytes, bytes.position(), home.logGroup());
        }
      }
    }
    if (group == null || link == null || check == null) {
      halves.notReached(half, nowMs); // nobody is there, so it doesn't count
      return;
    }
    Asked question = new Asked(half, group, nowMs);
    asked.add(question);
    link.check(check, written -> told.accept(question, written));
  }

  /** Null when none is here and, lately, none was on any node. */
  private @Nullable ProducerLink producer(String group, long nowMs) {
    ProducerLink here = home.producers().here(group, home.logGroup());
    return here != null || absent.contains(group, nowMs)
        ? here
        : home.producers().elsewhere(group, home.logGroup());
  }

  /** A question was written to a producer's connection, or can't be. */
  void written(Asked question, boolean written) {
    if (asked.remove(question)) {
      Half half = question.half();
      if (written) {
        halves.checked(half, nowMs());
        checked.add(half);
      } else {
        halves.notReached(half, nowMs());
        absent.add(question.group(), nowMs());
      }
    }
    if (!checked.isEmpty() && (asked.isEmpty() || checked.size() >= CHANGES_PER_EVENT)) {
      writeChanges(checked.stream().filter(halves::isOpen).map(Half::state).toList());
      checked.clear();
    }
  }

  /**
   * What the log refuses of this is known here all the same; only after a crash a producer may be
   * asked once more than it would be.
   */
  private void writeChanges(List<HalfState> changed) {
    if (!changed.isEmpty()) {
      writes.write(
          List.of(TransactionChecker.draft(new Changed(halves.newestSnapshot(), changed))),
          reply -> {
            if (reply instanceof Written written) {
              halves.eventStored(written.queueOffsets()[0]);
            }
          });
    }
  }

  private void sayParked(Half half) {
    try (LogSlice slice = records.read(half)) {
      if (slice == null) {
        return;
      }
      ByteBuffer bytes = slice.bytes();
      ProducerLink.TransactionCheck check =
          HalfMessage.toCheck(bytes, bytes.position(), home.logGroup());
      log.error(
          "{}: a transaction is parked, its producers were asked {} times: topic {}, producer"
              + " group {}, message {}, half message {}; {} are parked. It waits until an end"
              + " (37) or a request to resume its checks (323) comes",
          home.logGroup(),
          half.checks(),
          check.header().topic(),
          HalfMessage.producerGroup(bytes, bytes.position()),
          check.header().messageId(),
          MessageIds.encode(MessageRecord.storeHost(bytes, bytes.position()), half.position()),
          halves.parkedCount());
    }
  }

  /** When there is something to do here next. */
  long nextMs() {
    return Math.min(nextDueMs(), nextGivenUpMs());
  }

  /** Nothing is due while no more may be asked; then an answered question looks again. */
  private long nextDueMs() {
    return asked.size() >= home.settings().checksInFlightMax()
        ? Long.MAX_VALUE
        : halves.nextDueMs();
  }

  private long nextGivenUpMs() {
    return asked.isEmpty()
        ? Long.MAX_VALUE
        : asked.iterator().next().sinceMs() + home.settings().checkInterval().toMillis();
  }

  private long nowMs() {
    return home.clockMs().getAsLong();
  }
}

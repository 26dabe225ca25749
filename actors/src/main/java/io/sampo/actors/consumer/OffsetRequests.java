package io.sampo.actors.consumer;

import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.ConsumerGroup.GroupRefused;
import io.sampo.actors.consumer.ConsumerGroup.PopProgress;
import io.sampo.actors.consumer.ConsumerGroup.Surroundings;
import io.sampo.actors.consumer.OffsetKeeping.AdvanceOffset;
import io.sampo.actors.consumer.OffsetKeeping.CheckPull;
import io.sampo.actors.consumer.OffsetKeeping.CommitOffset;
import io.sampo.actors.consumer.OffsetKeeping.ForgetOffsets;
import io.sampo.actors.consumer.OffsetKeeping.GetOffset;
import io.sampo.actors.consumer.OffsetKeeping.OffsetFound;
import io.sampo.actors.consumer.OffsetKeeping.PullGoesOn;
import io.sampo.actors.consumer.OffsetKeeping.PullMoved;
import io.sampo.actors.consumer.OffsetKeeping.Request;
import io.sampo.actors.consumer.OffsetKeeping.ResetOffsets;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what is asked about a group's offsets once its journal was read: in the {@link
 * OffsetLedger}, which the {@link OffsetWriter} writes. The child that pops has its own idea of how
 * far queues are consumed, and is told of each offset that others set; what it acknowledged before
 * one was set back doesn't count. Owned by the group's actor.
 */
final class OffsetRequests {
  private static final Logger LOG = LoggerFactory.getLogger(OffsetRequests.class);

  /** The child that pops. */
  interface Pops {
    /** Whether there is one. */
    boolean isThere();

    /** Tells it; makes it if need be. */
    void tell(PopKeeper.OffsetSet set);
  }

  private final String group;
  private final Surroundings around;
  private final OffsetLedger ledger;
  private final OffsetWriter writer;
  private final GroupMembers members;
  private final Pops pops;

  /** How many times the child that pops was told of an offset that was set back. */
  private int offsetSettings;

  private boolean queuesExceeded;

  OffsetRequests(
      String group,
      Surroundings around,
      OffsetLedger ledger,
      OffsetWriter writer,
      GroupMembers members,
      Pops pops) {
    this.group = group;
    this.around = around;
    this.ledger = ledger;
    this.writer = writer;
    this.members = members;
    this.pops = pops;
  }

  void carryOut(Request request) {
    if (request instanceof AdvanceOffset advance) {
      advance(advance);
    } else if (request instanceof CommitOffset commit) {
      commit(commit);
    } else if (request instanceof CheckPull check) {
      check(check);
    } else if (request instanceof GetOffset get) {
      find(get);
    } else if (request instanceof ResetOffsets reset) {
      reset(reset);
    } else if (request instanceof ForgetOffsets forget) {
      forget(forget);
    }
  }

  static void refuse(Request request, GroupRefused refusal) {
    if (request instanceof CommitOffset commit) {
      commit.replyTo().tell(refusal);
    } else if (request instanceof CheckPull check) {
      check.replyTo().tell(refusal);
    } else if (request instanceof GetOffset get) {
      get.replyTo().tell(refusal);
    } else if (request instanceof ResetOffsets reset) {
      reset.replyTo().tell(refusal);
    } else if (request instanceof ForgetOffsets forget) {
      forget.replyTo().tell(refusal);
    }
  }

  private void commit(CommitOffset commit) {
    boolean back = commit.offset() < ledger.newest(commit.queue());
    ledger.commit(commit);
    writer.ledgerChanged();
    tellPops(commit.queue(), commit.offset(), back);
  }

  private void advance(AdvanceOffset advance) {
    if (!ledger.advance(advance.queue(), advance.offset()) && !queuesExceeded) {
      queuesExceeded = true; // said once: it would come with every pull
      LOG.warn(
          "{} has offsets of {} queues, which is the limit; those of others are not kept",
          group,
          around.settings().offsetQueuesMax());
    }
    writer.ledgerChanged();
    tellPops(advance.queue(), advance.offset(), false);
  }

  private void reset(ResetOffsets reset) {
    Set<GroupQueue> back = new HashSet<>();
    reset
        .targets()
        .forEach(
            (queue, to) -> {
              if (to < ledger.newest(queue)) {
                back.add(queue);
              }
            });
    if (ledger.reset(reset)) {
      // What pops acknowledged before must not count, wherever the offset went.
      reset
          .targets()
          .forEach((queue, to) -> tellPops(queue, to, pops.isThere() || back.contains(queue)));
      tellOfResets();
      writer.ledgerChanged();
    }
  }

  private void forget(ForgetOffsets forget) {
    for (GroupQueue queue : ledger.forget(forget.replyTo())) {
      offsetSettings++;
      pops.tell(new PopKeeper.OffsetSet(queue, 0, offsetSettings));
    }
    writer.ledgerChanged();
  }

  private void find(GetOffset get) {
    OffsetFound found = new OffsetFound(ledger.newest(get.queue()));
    around.proof().ask(led -> get.replyTo().tell(led ? found : GroupRefused.NOT_LEADING));
  }

  private void check(CheckPull check) {
    long target = ledger.resetOf(check.queue(), check.offset());
    check.replyTo().tell(target < 0 ? new PullGoesOn(ledger.hasResets()) : new PullMoved(target));
    writer.ledgerChanged();
  }

  /** Has pulls of the members ask as long as one of the group's queues was reset. */
  void tellOfResets() {
    if (ledger.hasResets()) {
      members.tellAllReset(group);
    }
  }

  /**
   * While nobody pops the child needs to know of an offset that went back; a higher one it finds
   * when it starts.
   */
  private void tellPops(GroupQueue queue, long offset, boolean back) {
    if ((pops.isThere() || back) && ledger.newest(queue) == offset) {
      offsetSettings += back ? 1 : 0;
      pops.tell(new PopKeeper.OffsetSet(queue, offset, offsetSettings));
    }
  }

  /** An offset that was set back meanwhile counts, not what was acknowledged before. */
  void popped(PopProgress progress) {
    if (progress.settings() == offsetSettings) {
      ledger.followed(progress.queue());
      ledger.advance(progress.queue(), progress.offset());
      writer.ledgerChanged();
    }
  }
}

package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.replication.AppendReply.AlreadyAppended;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.AppendReply.NotOnAll;
import io.sampo.cluster.replication.CommitLog.Append;
import io.sampo.cluster.replication.CommitLog.QueueCommitted;
import io.sampo.record.QueueKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class UnansweredAppendsTest {
  private static final QueueKey ORDERS = new QueueKey("orders", 0);

  private final List<long[]> uncertain = new ArrayList<>();
  private final UnansweredAppends waiting = new UnansweredAppends(5_000, 300, 16);
  private final CountedDrafts drafts = new CountedDrafts();
  private final List<String> heard = new ArrayList<>();
  private long nowMs = 1_000;
  private final ReplyTo<QueueCommitted> queue =
      committed -> heard.add("queue " + committed.nextOffset() + " +" + committed.answered());

  @Test
  void whatIsBelowIsAnsweredInOrderAndItsQueueHearsFirst() {
    client("a", 0, 100);
    client("b", 1, 200);
    client("c", 2, 300);

    waiting.moved(201, 201, nowMs);
    assertThat(heard).containsExactly("queue 2 +2", "a 0", "b 1");
    waiting.moved(201, 201, nowMs);
    assertThat(heard).hasSize(3);
    waiting.moved(400, 400, nowMs);

    assertThat(heard).endsWith("queue 3 +1", "c 2");
    assertThat(waiting.isEmpty()).isTrue();
  }

  @Test
  void acknowledgedByTheLeaderAloneIsNotShown() {
    client("a", 0, 100);
    inside("inside", 1, 200);
    client("b", 2, 300);

    waiting.moved(0, 400, nowMs);
    assertThat(heard).containsExactly("a 0", "b 2");
    waiting.moved(400, 400, nowMs);

    assertThat(heard).containsExactly("a 0", "b 2", "queue 3 +2", "inside 1");
  }

  @Test
  void committedButNotOnAllIsShownAndNotAnswered() {
    client("a", 0, 100);
    inside("inside", 1, 200);

    waiting.moved(300, 0, nowMs);
    assertThat(heard).containsExactly("queue 1 +1");
    waiting.moved(300, 300, nowMs);

    assertThat(heard).containsExactly("queue 1 +1", "a 0", "inside 1");
  }

  @Test
  void clientsAreToldWhenTimeIsOverAndTheirQueuesWhenItIsCommittedAfterAll() {
    client("a", 0, 100);
    inside("inside", 1, 200);

    waiting.expire(1_300, uncertain::add);
    assertThat(heard).isEmpty();
    waiting.expire(1_301, uncertain::add);
    waiting.expire(5_000, uncertain::add);
    assertThat(heard).containsExactly("a REPLICAS_MISSING");
    assertThat(uncertain).hasSize(1);
    assertThat(uncertain.get(0)).containsExactly(100);
    waiting.moved(300, 300, nowMs);

    assertThat(heard).containsExactly("a REPLICAS_MISSING", "queue 1 +1", "inside 1");
    assertThat(waiting.isEmpty()).isTrue();
  }

  @Test
  void whatIsCommittedWaitsForMissingCopiesOnceAndNotForEver() {
    client("a", 0, 100);
    inside("inside", 1, 200);
    waiting.moved(300, 0, nowMs);
    heard.clear();

    nowMs += 301;
    client("b", 2, 400);
    waiting.expire(nowMs, uncertain::add);
    assertThat(heard).containsExactly("a 0 not on all in time", "inside 1");
    heard.clear();

    waiting.moved(500, 0, nowMs);
    assertThat(heard).containsExactly("queue 3 +1", "b 2 not on all");
    assertThat(waiting.isEmpty()).isTrue();
  }

  @Test
  void copiesThatConfirmInTimeAgainAreWaitedForAgain() {
    client("a", 0, 100);
    waiting.moved(200, 0, nowMs);
    nowMs += 301;
    waiting.expire(nowMs, uncertain::add);

    client("b", 1, 300);
    waiting.moved(400, 200, nowMs + 5_000); // has come to what was missed first, much later
    client("c", 2, 500);
    waiting.moved(600, 400, nowMs + 5_299); // and is less behind than is waited
    client("d", 3, 700);
    waiting.moved(800, 600, nowMs + 5_300);
    assertThat(heard)
        .containsSubsequence("a 0 not on all in time", "b 1 not on all", "queue 3 +1", "queue 4 +1")
        .doesNotContain("d 3", "d 3 not on all");
    waiting.moved(800, 800, nowMs + 5_400);

    assertThat(heard).endsWith("d 3");
  }

  @Test
  void aRetryIsAnsweredByTheRuleOfTheFirstAttempt() {
    client("a", 0, 100);
    waiting.moved(200, 0, nowMs);
    assertThat(waiting.isAcknowledged(100)).isFalse();
    retry("retry", 0, 100);
    assertThat(heard).doesNotContain("retry again 0");
    waiting.moved(200, 200, nowMs);

    assertThat(heard).endsWith("a 0", "retry again 0");
    assertThat(waiting.isAcknowledged(100)).isTrue();
    assertThat(waiting.isEmpty()).isTrue();
  }

  @Test
  void refusedAtTheEndIsEverybodyOnceAndNoQueue() {
    client("a", 0, 100);
    inside("inside", 1, 200);
    waiting.moved(150, 150, nowMs);
    heard.clear();
    client("b", 2, 300);

    waiting.refuse(AppendRefused.NOT_LEADING);
    waiting.moved(400, 400, nowMs);

    assertThat(heard).containsExactly("inside NOT_LEADING", "b NOT_LEADING");
  }

  @Test // the ring is used around its end and grows while it is
  void keepsTheOrderOverManyRounds() {
    long taken = 0;
    long done = 0;
    for (int round = 1; round <= 40; round++) {
      for (int i = 0; i < round * 60 && !waiting.isFull(); i++) {
        client("m", taken, taken);
        taken++;
      }
      done = Math.min(taken, done + round * 50L);
      waiting.moved(done, done, nowMs);
    }
    waiting.moved(taken, taken, nowMs);

    List<String> answers = heard.stream().filter(line -> line.startsWith("m ")).toList();
    assertThat(answers).hasSize((int) taken);
    for (int i = 0; i < answers.size(); i++) {
      assertThat(answers.get(i)).isEqualTo("m " + i);
    }
    assertThat(waiting.isEmpty()).isTrue();
  }

  private void client(String name, long offset, long position) {
    add(name, queue, offset, position);
  }

  private void inside(String name, long offset, long position) {
    add(name, null, offset, position);
  }

  private void retry(String name, long offset, long position) {
    Append append =
        new Append(1, List.of(drafts.draft(ORDERS, "body")), queue, reply -> hear(name, reply));
    waiting.add(append, new AlreadyAppended(0, offset, new long[] {position}), nowMs);
  }

  private void add(
      String name, @Nullable ReplyTo<QueueCommitted> progress, long offset, long position) {
    Append append =
        new Append(1, List.of(drafts.draft(ORDERS, "body")), progress, reply -> hear(name, reply));
    waiting.add(append, new Appended(offset, new long[] {position}), nowMs);
  }

  private void hear(String name, AppendReply reply) {
    heard.add(name + " " + text(reply));
  }

  private static String text(AppendReply reply) {
    if (reply instanceof NotOnAll notOnAll) {
      return text(notOnAll.stored()) + (notOnAll.waited() ? " not on all in time" : " not on all");
    }
    if (reply instanceof AlreadyAppended earlier) {
      return "again " + earlier.queueOffset();
    }
    return reply instanceof Appended appended ? "" + appended.queueOffset() : "" + reply;
  }
}

package io.sampo.cluster.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.CommitLog.Append;
import io.sampo.cluster.replication.CommitLog.QueueCommitted;
import io.sampo.record.QueueKey;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class UnansweredAppendsTest {
  private static final QueueKey ORDERS = new QueueKey("orders", 0);

  private final UnansweredAppends waiting = new UnansweredAppends(5_000, 16);
  private final CountedDrafts drafts = new CountedDrafts();
  private final List<String> heard = new ArrayList<>();
  private final ReplyTo<QueueCommitted> queue =
      committed -> heard.add("queue " + committed.nextOffset() + " +" + committed.answered());

  @Test
  void whatIsBelowIsAnsweredInOrderAndItsQueueHearsFirst() {
    client("a", 0, 100);
    client("b", 1, 200);
    client("c", 2, 300);

    waiting.moved(201, 201);
    assertThat(heard).containsExactly("queue 2 +2", "a 0", "b 1");
    waiting.moved(201, 201);
    assertThat(heard).hasSize(3);
    waiting.moved(400, 400);

    assertThat(heard).endsWith("queue 3 +1", "c 2");
    assertThat(waiting.isEmpty()).isTrue();
  }

  @Test
  void acknowledgedByTheLeaderAloneIsNotShown() {
    client("a", 0, 100);
    inside("inside", 1, 200);
    client("b", 2, 300);

    waiting.moved(0, 400);
    assertThat(heard).containsExactly("a 0", "b 2");
    waiting.moved(400, 400);

    assertThat(heard).containsExactly("a 0", "b 2", "queue 3 +2", "inside 1");
  }

  @Test
  void committedButNotOnAllIsShownAndNotAnswered() {
    client("a", 0, 100);
    inside("inside", 1, 200);

    waiting.moved(300, 0);
    assertThat(heard).containsExactly("queue 1 +1");
    waiting.moved(300, 300);

    assertThat(heard).containsExactly("queue 1 +1", "a 0", "inside 1");
  }

  @Test
  void clientsAreToldWhenTimeIsOverAndTheirQueuesWhenItIsCommittedAfterAll() {
    client("a", 0, 100);
    inside("inside", 1, 200);

    waiting.expire(1_000);
    assertThat(heard).isEmpty();
    waiting.expire(1_001);
    waiting.expire(5_000);
    assertThat(heard).containsExactly("a REPLICAS_MISSING");
    waiting.moved(300, 300);

    assertThat(heard).containsExactly("a REPLICAS_MISSING", "queue 1 +1", "inside 1");
    assertThat(waiting.isEmpty()).isTrue();
  }

  @Test
  void refusedAtTheEndIsEverybodyOnceAndNoQueue() {
    client("a", 0, 100);
    inside("inside", 1, 200);
    waiting.moved(150, 150);
    heard.clear();
    client("b", 2, 300);

    waiting.refuse(AppendRefused.NOT_LEADING);
    waiting.moved(400, 400);

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
      waiting.moved(done, done);
    }
    waiting.moved(taken, taken);

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

  private void add(
      String name, @Nullable ReplyTo<QueueCommitted> progress, long offset, long position) {
    Append append =
        new Append(1, List.of(drafts.draft(ORDERS, "body")), progress, reply -> hear(name, reply));
    waiting.add(append, new Appended(offset, new long[] {position}), 1_000);
  }

  private void hear(String name, AppendReply reply) {
    heard.add(
        name + " " + (reply instanceof Appended appended ? appended.queueOffset() : "" + reply));
  }
}

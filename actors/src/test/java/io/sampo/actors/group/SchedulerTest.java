package io.sampo.actors.group;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sampo.actors.schedule.DueClock;
import io.sampo.actors.schedule.ScheduleSettings;
import io.sampo.actors.schedule.ScheduledMessage;
import io.sampo.actors.schedule.Scheduler;
import io.sampo.actors.schedule.Scheduler.ListPending;
import io.sampo.actors.schedule.Scheduler.Pending;
import io.sampo.actors.schedule.Scheduler.PendingMessage;
import io.sampo.actors.schedule.Scheduler.PendingReply;
import io.sampo.actors.schedule.Scheduler.Recall;
import io.sampo.actors.schedule.Scheduler.RecallReply;
import io.sampo.actors.schedule.Scheduler.Schedule;
import io.sampo.actors.schedule.Scheduler.ScheduleReply;
import io.sampo.actors.schedule.Scheduler.Scheduled;
import io.sampo.actors.schedule.Scheduler.TooManyPending;
import io.sampo.actors.schedule.TargetQueues;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.CommitLogSettings;
import io.sampo.record.BodyCrc;
import io.sampo.record.HostAddress;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.record.SendKey;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.apache.pekko.actor.PoisonPill;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Messages that are delivered later, on a real log, by a clock that the test moves. */
class SchedulerTest {
  private static final String LOG_GROUP = "broker-0";
  private static final QueueKey ORDERS = new QueueKey("orders", 1);
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final long START_MS = 1_800_000_000_000L;
  private static final int SHOWN_MAX = 1000;

  @TempDir Path dataDir;

  private final AtomicLong nowMs = new AtomicLong(START_MS);
  private final Map<QueueKey, QueueKey> moved = new HashMap<>();
  private ActorTestKit kit;
  private ActorRef<LogGroup.Command> leader;
  private ActorRef<CrossQueueWriter.Command> writer;
  private LogReader log;
  private ActorRef<Scheduler.Command> scheduler;
  private long pendingMax = 1_000_000;

  @BeforeEach
  void lead() {
    kit = ActorTestKit.create(config());
    ActorRef<CommitLog.Command> commitLog =
        kit.system()
            .systemActorOf(
                CommitLog.create(LOG_GROUP, CommitLogSettings.of(config())),
                "log",
                CommitLog.dispatcher());
    TestProbe<CommitLog.LeadReply> asker = kit.createTestProbe();
    commitLog.tell(new CommitLog.Lead(asker.getRef()));
    CommitLog.Leading leading =
        (CommitLog.Leading) asker.expectMessageClass(CommitLog.LeadReply.class, SOON);
    log = leading.log();
    Leadership leadership = new Leadership(LOG_GROUP, leading.epoch(), log, commitLog);
    leader = kit.spawn(queues(leadership));
    writer = kit.spawn(CrossQueueWriter.create(leadership, leader, 10_000));
    startScheduler();
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  private Config config() {
    return ConfigFactory.parseMap(
            Map.of(
                "sampo.data-dir", dataDir.toString(),
                "sampo.log.segment-size", "1 MiB",
                "sampo.log.preallocate-step", "1 MiB",
                "sampo.schedule.index-commit-interval", "50ms",
                "sampo.schedule.batch-messages", 16))
        .withFallback(ConfigFactory.load());
  }

  private static Behavior<LogGroup.Command> queues(Leadership leadership) {
    return Behaviors.setup(
        context -> {
          Map<QueueKey, ActorRef<Queue.Command>> queues = new HashMap<>();
          QueueSettings settings = QueueSettings.from(ConfigFactory.load());
          return Behaviors.receiveMessage(
              command -> {
                if (command instanceof LogGroup.ResolveQueue resolve) {
                  ActorRef<Queue.Command> queue =
                      queues.computeIfAbsent(
                          resolve.queue(),
                          key ->
                              context.spawnAnonymous(
                                  Queue.create(key, leadership, settings, System::currentTimeMillis)
                                      .actor()));
                  resolve.replyTo().tell(new LogGroup.QueueResolved(resolve.queue(), queue));
                }
                return Behaviors.same();
              });
        });
  }

  private void startScheduler() {
    TargetQueues targets = wanted -> moved.getOrDefault(wanted, wanted);
    ScheduleSettings read = ScheduleSettings.from(config());
    ScheduleSettings settings =
        new ScheduleSettings(
            read.dataDir(),
            read.levels(),
            read.delayMax(),
            pendingMax,
            read.clockSettle(),
            read.batch(),
            read.index());
    scheduler =
        kit.spawn(
            Scheduler.create(
                new Scheduler.Home(LOG_GROUP, log, leader, writer, targets),
                settings,
                new DueClock(nowMs::get, () -> nowMs.get() * 1_000_000, Duration.ofMinutes(1))));
  }

  private void restartScheduler() {
    kit.stop(scheduler);
    startScheduler();
  }

  private void restartNode() {
    kit.shutdownTestKit();
    lead();
  }

  private ScheduleReply schedule(int number, long dueMs) {
    return schedule(number, dueMs, ORDERS);
  }

  private ScheduleReply schedule(int number, long dueMs, QueueKey queue) {
    ByteBuffer body = ByteBuffer.wrap(("body " + number).getBytes(UTF_8));
    byte[] properties = MessageProperties.encode(Map.of("UNIQ_KEY", "K" + number));
    MessageDraft original =
        MessageDraft.to(queue).body(body, BodyCrc.of(body)).properties(properties, 0).build();
    CompletableFuture<ScheduleReply> reply = new CompletableFuture<>();
    scheduler.tell(
        new Schedule(List.of(ScheduledMessage.toSchedule(original, dueMs)), reply::complete));
    return result(reply);
  }

  @Test
  void whatWaitsForTheScheduleIsRefusedWhenTheLeadershipEnds() {
    TestProbe<LogGroup.Command> silent = kit.createTestProbe();
    ActorRef<Scheduler.Command> resolving =
        kit.spawn(
            Scheduler.create(
                new Scheduler.Home(LOG_GROUP, log, silent.getRef(), writer, wanted -> wanted),
                ScheduleSettings.from(config()),
                new DueClock(nowMs::get, System::nanoTime, Duration.ofMinutes(1))));
    silent.expectMessageClass(LogGroup.ResolveQueue.class);
    CompletableFuture<Object> reply = new CompletableFuture<>();
    resolving.tell(new Scheduler.ListPending(0, -1, 1, reply::complete));
    Adapter.toClassic(resolving).tell(PoisonPill.getInstance(), null); // behind the question

    assertThat(result(reply)).isEqualTo(new Scheduler.Pending(false, 0, List.of()));
  }

  @Test
  void aRetryIsAnsweredWithWhatWaitsAlready() {
    long dueMs = nowMs.get() + 60_000;
    Scheduler.Scheduled first = (Scheduler.Scheduled) attempt(40_000, dueMs, ORDERS);

    ScheduleReply retry = attempt(40_001, dueMs + 17, new QueueKey(ORDERS.topic(), 3));

    assertThat(retry)
        .isEqualTo(
            new Scheduler.ScheduledBefore(
                first.appended().queueOffset(),
                first.appended().positions()[0],
                dueMs,
                ORDERS.queueId()));
    awaitPending(1);
  }

  /** Of one send, over a connection from a port. */
  private ScheduleReply attempt(int port, long dueMs, QueueKey queue) {
    ByteBuffer body = ByteBuffer.wrap("body".getBytes(UTF_8));
    int crc = BodyCrc.of(body);
    byte[] properties = MessageProperties.encode(Map.of("UNIQ_KEY", "K"));
    MessageDraft original =
        MessageDraft.to(queue)
            .born(1, new HostAddress(new byte[] {10, 0, 0, 1}, port))
            .body(body, crc)
            .properties(properties, 0)
            .sent(SendKey.of(properties, "UNIQ_KEY".length() + 1, crc), 0)
            .build();
    CompletableFuture<ScheduleReply> reply = new CompletableFuture<>();
    scheduler.tell(
        new Schedule(List.of(ScheduledMessage.toSchedule(original, dueMs)), reply::complete));
    return result(reply);
  }

  private RecallReply recall(int number, long dueMs) {
    CompletableFuture<RecallReply> reply = new CompletableFuture<>();
    scheduler.tell(new Recall("orders", dueMs, "K" + number, reply::complete));
    return result(reply);
  }

  private Pending pending(long dueMs, long afterOffset, int limit) {
    CompletableFuture<PendingReply> reply = new CompletableFuture<>();
    scheduler.tell(new ListPending(dueMs, afterOffset, limit, reply::complete));
    return (Pending) result(reply);
  }

  /** Waits until the index has everything and so many messages wait. */
  private void awaitPending(int count) {
    kit.createTestProbe()
        .awaitAssert(
            SOON,
            () -> {
              Pending pending = pending(Long.MIN_VALUE, -1, 0);
              assertThat(pending.complete()).isTrue();
              assertThat(pending.count()).isEqualTo(count);
              return pending;
            });
  }

  /** The numbers of the messages in a queue, in its order. */
  private List<Integer> delivered(QueueKey queue) {
    List<Integer> numbers = new ArrayList<>();
    log.queue(queue)
        .scan(
            0,
            log.queue(queue).nextOffset(),
            (offset, position, sizeBytes, tagHash) -> {
              try (LogSlice slice = log.slice(position, sizeBytes)) {
                assertThat(slice).isNotNull();
                ByteBuffer bytes = slice.bytes();
                ByteBuffer body = MessageRecord.body(bytes, bytes.position());
                numbers.add(Integer.parseInt(UTF_8.decode(body).toString().substring(5)));
              }
              return true;
            });
    return numbers;
  }

  private void awaitDelivered(QueueKey queue, Integer... numbers) {
    kit.createTestProbe()
        .awaitAssert(
            SOON,
            () -> {
              assertThat(delivered(queue)).containsExactly(numbers);
              return true;
            });
  }

  @Test
  void messagesComeInTheOrderOfTheirTimesAndThenOfTheirSending() {
    schedule(1, START_MS + 300);
    schedule(2, START_MS + 100);
    schedule(3, START_MS + 200);
    schedule(4, START_MS + 200);
    schedule(5, START_MS + 10_000);
    awaitPending(5);
    assertThat(delivered(ORDERS)).isEmpty();
    nowMs.addAndGet(300);
    awaitDelivered(ORDERS, 2, 3, 4, 1);
    awaitPending(1);
  }

  @Test
  void whatIsDueAlreadyComesAtOnce() {
    schedule(1, START_MS - 5);
    schedule(2, 0);
    schedule(3, -7);
    kit.createTestProbe()
        .awaitAssert(
            SOON,
            () -> {
              assertThat(delivered(ORDERS)).containsExactlyInAnyOrder(1, 2, 3);
              return true;
            });
  }

  @Test
  void recalledMessageNeverComes() {
    schedule(1, START_MS + 100);
    schedule(2, START_MS + 100);
    schedule(3, START_MS + 100, new QueueKey("bills", 1));
    awaitPending(3);
    assertThat(recall(1, START_MS + 101)).isEqualTo(RecallReply.NOT_PENDING);
    assertThat(recall(3, START_MS + 100)).as("of another topic").isEqualTo(RecallReply.NOT_PENDING);
    assertThat(recall(1, START_MS + 100)).isEqualTo(RecallReply.RECALLED);
    assertThat(recall(1, START_MS + 100)).isEqualTo(RecallReply.NOT_PENDING);
    restartScheduler();
    awaitPending(2);
    nowMs.addAndGet(100);
    awaitDelivered(ORDERS, 2);
    assertThat(recall(2, START_MS + 100)).isEqualTo(RecallReply.NOT_PENDING);
  }

  @Test
  void whatWaitsIsListedInParts() {
    for (int i = 0; i < 10; i++) {
      schedule(i, START_MS + 1000 + i / 3);
    }
    awaitPending(10);
    List<String> keys = new ArrayList<>();
    long dueMs = Long.MIN_VALUE;
    long offset = -1;
    List<PendingMessage> part = pending(dueMs, offset, 4).messages();
    while (!part.isEmpty()) {
      part.forEach(message -> keys.add(String.valueOf(message.uniqueKey())));
      PendingMessage last = part.get(part.size() - 1);
      assertThat(last.target()).isEqualTo(ORDERS);
      dueMs = last.dueMs();
      offset = last.offset();
      part = pending(dueMs, offset, 4).messages();
    }
    assertThat(keys).containsExactly("K0", "K1", "K2", "K3", "K4", "K5", "K6", "K7", "K8", "K9");
    assertThat(pending(Long.MIN_VALUE, -1, SHOWN_MAX).messages()).hasSize(10);
  }

  @Test
  void moreThanMayWaitAreRefused() {
    pendingMax = 2;
    restartScheduler();
    schedule(1, START_MS + 100);
    schedule(2, START_MS + 100);
    awaitPending(2);
    kit.createTestProbe()
        .awaitAssert(
            SOON,
            () -> {
              assertThat(schedule(3, START_MS + 5000)).isEqualTo(new TooManyPending(2));
              return true;
            });
    nowMs.addAndGet(100);
    awaitPending(0);
    kit.createTestProbe()
        .awaitAssert(
            SOON,
            () -> {
              assertThat(schedule(4, START_MS + 5000)).isInstanceOf(Scheduled.class);
              return true;
            });
  }

  @Test
  void messageWhoseQueueIsGoneComesInAnother() {
    QueueKey other = new QueueKey("orders", 0);
    schedule(1, START_MS + 100);
    moved.put(ORDERS, other);
    nowMs.addAndGet(100);
    awaitDelivered(other, 1);
    assertThat(delivered(ORDERS)).isEmpty();
  }

  @Test
  void restartGoesOnWhereTheIndexWas() {
    schedule(1, START_MS + 100);
    schedule(2, START_MS + 200);
    awaitPending(2);
    nowMs.addAndGet(100);
    awaitDelivered(ORDERS, 1);
    restartNode();
    awaitPending(1);
    nowMs.addAndGet(100);
    awaitDelivered(ORDERS, 1, 2);
  }

  @Test
  void indexThatIsLostOrOfAnotherLogIsMadeAnew() throws IOException {
    Path index = dataDir.resolve(LOG_GROUP).resolve("schedule").resolve("due.index");
    Path old = dataDir.resolve("old.index");
    schedule(1, START_MS + 100);
    schedule(2, START_MS + 200);
    awaitPending(2);
    kit.stop(scheduler);
    Files.copy(index, old);
    startScheduler();
    nowMs.addAndGet(100);
    awaitDelivered(ORDERS, 1);

    kit.stop(scheduler);
    Files.delete(index);
    startScheduler();
    awaitPending(1);
    kit.stop(scheduler);
    Files.write(index, new byte[10_000]);
    startScheduler();
    awaitPending(1);
    kit.stop(scheduler);
    Files.copy(old, index, StandardCopyOption.REPLACE_EXISTING);
    startScheduler();
    awaitPending(1); // the old one is behind, and catches up

    assertThat(delivered(ORDERS)).containsExactly(1);
    nowMs.addAndGet(100);
    awaitDelivered(ORDERS, 1, 2);
  }

  /** Sends, recalls, passing time and restarts in any order: each comes once and none early. */
  @Test
  void everyMessageComesOnceAndNotBeforeItsTime() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Path index = dataDir.resolve(LOG_GROUP).resolve("schedule").resolve("due.index");
    List<Long> dueMs = new ArrayList<>();
    Set<Integer> recalled = new HashSet<>();
    for (int step = 0; step < 600; step++) {
      String context = "seed " + seed + " step " + step;
      int dice = random.nextInt(100);
      if (dice < 70) {
        int number = dueMs.size();
        long due = nowMs.get() + random.nextInt(3000) - 100;
        assertThat(schedule(number, due)).as(context).isInstanceOf(Scheduled.class);
        dueMs.add(due);
      } else if (dice < 80 && !dueMs.isEmpty()) {
        int number = random.nextInt(dueMs.size());
        if (recall(number, dueMs.get(number)) == RecallReply.RECALLED) {
          assertThat(recalled.add(number)).as(context).isTrue();
        }
      } else if (dice < 94) {
        nowMs.addAndGet(random.nextInt(200));
      } else if (dice < 97) {
        restartScheduler();
      } else {
        kit.stop(scheduler);
        if (random.nextBoolean()) {
          Files.deleteIfExists(index);
        }
        startScheduler();
      }
      for (int number : delivered(ORDERS)) {
        assertThat(dueMs.get(number)).as(context).isLessThanOrEqualTo(nowMs.get());
      }
    }
    nowMs.addAndGet(10_000);
    awaitPending(0);
    List<Integer> expected =
        IntStream.range(0, dueMs.size())
            .boxed()
            .filter(number -> !recalled.contains(number))
            .toList();
    assertThat(delivered(ORDERS))
        .as("seed " + seed)
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  private static <T> T result(CompletableFuture<T> future) {
    try {
      return future.get(SOON.toSeconds(), SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}

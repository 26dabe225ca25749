package io.sampo.actors.group;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.sampo.actors.transaction.HalfMessage;
import io.sampo.actors.transaction.ProducerLink;
import io.sampo.actors.transaction.Producers;
import io.sampo.actors.transaction.TransactionChecker;
import io.sampo.actors.transaction.TransactionRequests.EndHalf;
import io.sampo.actors.transaction.TransactionRequests.EndReply;
import io.sampo.actors.transaction.TransactionRequests.GetPending;
import io.sampo.actors.transaction.TransactionRequests.HalfReply;
import io.sampo.actors.transaction.TransactionRequests.HalfStored;
import io.sampo.actors.transaction.TransactionRequests.Outcome;
import io.sampo.actors.transaction.TransactionRequests.Pending;
import io.sampo.actors.transaction.TransactionRequests.PendingReply;
import io.sampo.actors.transaction.TransactionRequests.ResumeChecks;
import io.sampo.actors.transaction.TransactionRequests.StoreHalf;
import io.sampo.actors.transaction.TransactionRequests.StoredBefore;
import io.sampo.actors.transaction.TransactionRequests.TransactionDone;
import io.sampo.actors.transaction.TransactionRequests.TransactionRefused;
import io.sampo.actors.transaction.TransactionSettings;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.CommitLogSettings;
import io.sampo.cluster.replication.ReplyTo;
import io.sampo.record.BodyCrc;
import io.sampo.record.HostAddress;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageProperties;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.record.SysFlag;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checker of transactions on a real log, with producers that are functions. */
class TransactionCheckerTest {
  private static final String LOG_GROUP = "broker-0";
  private static final QueueKey ORDERS = new QueueKey("orders", 1);
  private static final byte[] LOCALHOST = {127, 0, 0, 1};
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration LATER = Duration.ofHours(1);
  private static final Duration SHORT = Duration.ofMillis(20);

  @TempDir Path dataDir;

  private final Producers producers = new Producers(10);
  private ActorTestKit kit;
  private ActorRef<CrossQueueWriter.Command> writer;
  private LogReader log;

  @BeforeEach
  void lead() {
    kit =
        ActorTestKit.create(
            ConfigFactory.parseMap(
                    Map.of(
                        "sampo.data-dir", dataDir.toString(),
                        "sampo.log.flush", "async", // many small writes, each waited for
                        "sampo.log.segment-size", "1 MiB",
                        "sampo.log.preallocate-step", "1 MiB"))
                .withFallback(ConfigFactory.load()));
    ActorRef<CommitLog.Command> commitLog =
        kit.system()
            .systemActorOf(
                CommitLog.create(LOG_GROUP, CommitLogSettings.of(kit.system().settings().config())),
                "log",
                CommitLog.dispatcher());
    TestProbe<CommitLog.LeadReply> leader = kit.createTestProbe();
    commitLog.tell(new CommitLog.Lead(leader.getRef()));
    CommitLog.Leading leading =
        (CommitLog.Leading) leader.expectMessageClass(CommitLog.LeadReply.class, SOON);
    log = leading.log();
    ActorRef<LogGroup.Command> queues = kit.spawn(queuesThatTakeAll());
    writer =
        kit.spawn(
            CrossQueueWriter.create(
                new Leadership(LOG_GROUP, leading.epoch(), log, commitLog), queues, 10_000));
  }

  @AfterEach
  void stop() {
    kit.shutdownTestKit();
  }

  private Behavior<LogGroup.Command> queuesThatTakeAll() {
    ActorRef<Queue.Command> queue = kit.spawn(Behaviors.ignore());
    return Behaviors.receiveMessage(
        command -> {
          if (command instanceof LogGroup.ResolveQueue resolve) {
            resolve.replyTo().tell(new LogGroup.QueueResolved(resolve.queue(), queue));
          }
          return Behaviors.same();
        });
  }

  private static TransactionSettings settings(
      Duration timeout, int checkMax, int pendingMax, int snapshotEvery) {
    return new TransactionSettings(
        timeout, SHORT, checkMax, pendingMax, 1000, 4, snapshotEvery, 10);
  }

  private ActorRef<TransactionChecker.Command> checker(TransactionSettings settings) {
    return kit.spawn(
        Behaviors.supervise(
                TransactionChecker.create(
                    new TransactionChecker.Home(
                        LOG_GROUP, log, writer, producers, settings, System::currentTimeMillis)))
            .onFailure(
                SupervisorStrategy.restartWithBackoff(
                    Duration.ofMillis(1), Duration.ofMillis(20), 0)));
  }

  /** A producer of the group PG that answers at once whether it was reached. */
  private void producer(Function<ProducerLink.TransactionCheck, Boolean> reached) {
    producers.join(
        "PG",
        new ProducerLink() {
          @Override
          public String logGroup() {
            return LOG_GROUP;
          }

          @Override
          public void check(TransactionCheck check, ReplyTo<Boolean> written) {
            written.tell(reached.apply(check));
          }
        });
  }

  private static CompletableFuture<HalfReply> store(
      ActorRef<TransactionChecker.Command> checker, int number) {
    return store(checker, number, ORDERS.queueId(), 9, false);
  }

  private static CompletableFuture<HalfReply> store(
      ActorRef<TransactionChecker.Command> checker,
      int number,
      int queueId,
      int port,
      boolean recognised) {
    return store(checker, number, new HostAddress(LOCALHOST, port), recognised, queueId, false);
  }

  private static CompletableFuture<HalfReply> store(
      ActorRef<TransactionChecker.Command> checker,
      int number,
      HostAddress from,
      boolean recognised,
      int queueId,
      boolean mayBeStored) {
    ByteBuffer body = ByteBuffer.wrap(("body " + number).getBytes(UTF_8));
    byte[] properties =
        "PGROUP\1PG\2TRAN_MSG\1true\2TAGS\1t\2UNIQ_KEY\1ID\2mine\1yes".getBytes(UTF_8);
    MessageDraft original =
        MessageDraft.to(new QueueKey(ORDERS.topic(), queueId))
            .flags(7, SysFlag.PREPARED | SysFlag.COMPRESSED)
            .born(11, from)
            .body(body, BodyCrc.of(body))
            .properties(properties, MessageProperties.tagHash(properties))
            .mayBeStored(mayBeStored)
            .build();
    CompletableFuture<HalfReply> reply = new CompletableFuture<>();
    checker.tell(new StoreHalf(HalfMessage.toHalf(original), recognised, reply::complete));
    return reply;
  }

  private static HalfStored stored(ActorRef<TransactionChecker.Command> checker, int number) {
    return (HalfStored) result(store(checker, number));
  }

  private static CompletableFuture<EndReply> end(
      ActorRef<TransactionChecker.Command> checker, HalfStored half, Outcome outcome) {
    CompletableFuture<EndReply> reply = new CompletableFuture<>();
    checker.tell(new EndHalf(half.offset(), half.position(), "PG", outcome, reply::complete));
    return reply;
  }

  private static Pending pending(ActorRef<TransactionChecker.Command> checker) {
    CompletableFuture<PendingReply> reply = new CompletableFuture<>();
    checker.tell(new GetPending(-1, 100, reply::complete));
    return (Pending) result(reply);
  }

  private void awaitPending(
      ActorRef<TransactionChecker.Command> checker, int undecided, int parked) {
    kit.createTestProbe()
        .awaitAssert(
            SOON,
            () -> {
              Pending pending = pending(checker);
              assertThat(pending.undecided()).isEqualTo(undecided);
              assertThat(pending.parkedCount()).isEqualTo(parked);
              return pending;
            });
  }

  /** The bodies in the real queue. */
  private List<String> delivered() {
    List<String> bodies = new ArrayList<>();
    log.queue(ORDERS)
        .scan(
            0,
            log.queue(ORDERS).nextOffset(),
            (offset, position, sizeBytes, tagHash) -> {
              try (LogSlice slice = log.slice(position, sizeBytes)) {
                assertThat(slice).isNotNull();
                ByteBuffer bytes = slice.bytes();
                bodies.add(UTF_8.decode(MessageRecord.body(bytes, bytes.position())).toString());
              }
              return true;
            });
    return bodies;
  }

  @Test
  void committedOneIsAsItWasSent() {
    ActorRef<TransactionChecker.Command> checker = checker(settings(LATER, 3, 10, 100));
    HalfStored half = stored(checker, 1);
    assertThat(delivered()).isEmpty();
    assertThat(result(end(checker, half, Outcome.COMMIT))).isEqualTo(TransactionDone.INSTANCE);
    assertThat(result(end(checker, half, Outcome.COMMIT)))
        .isEqualTo(TransactionRefused.NO_SUCH_HALF);

    assertThat(delivered()).containsExactly("body 1");
    log.queue(ORDERS)
        .scan(
            0,
            1,
            (offset, position, sizeBytes, tagHash) -> {
              try (LogSlice slice = log.slice(position, sizeBytes)) {
                assertThat(slice).isNotNull();
                ByteBuffer bytes = slice.bytes();
                int at = bytes.position();
                assertThat(tagHash).isEqualTo("t".hashCode());
                assertThat(MessageRecord.flag(bytes, at)).isEqualTo(7);
                assertThat(MessageRecord.sysFlag(bytes, at))
                    .isEqualTo(SysFlag.COMMIT | SysFlag.COMPRESSED);
                assertThat(MessageRecord.bornTimestamp(bytes, at)).isEqualTo(11);
                assertThat(MessageRecord.preparedTransactionOffset(bytes, at))
                    .isEqualTo(half.position());
                assertThat(MessageProperties.parse(MessageRecord.properties(bytes, at)))
                    .isEqualTo(
                        Map.of("PGROUP", "PG", "TAGS", "t", "UNIQ_KEY", "ID", "mine", "yes"));
              }
              return true;
            });
  }

  @Test
  void aRetryOverAnotherConnectionIsAnsweredWithTheFirstHalfAsLongAsThatIsUndecided() {
    ActorRef<TransactionChecker.Command> checker = checker(settings(LATER, 3, 10, 100));
    HalfStored half = (HalfStored) result(store(checker, 1, 1, 9, true));

    StoredBefore again = new StoredBefore(half.offset(), half.position(), 1);
    assertThat(result(store(checker, 1, 3, 10, true))).isEqualTo(again);
    assertThat(pending(checker).undecided()).isEqualTo(1);
    assertThat(result(store(checker, 1, 1, 10, true)))
        .as("sent again on purpose")
        .isInstanceOf(HalfStored.class);
    assertThat(result(store(checker, 2, 1, 11, true)))
        .as("another body")
        .isInstanceOf(HalfStored.class);
    assertThat(result(store(checker, 2, 1, 12, false)))
        .as("its topic does without")
        .isInstanceOf(HalfStored.class);
    assertThat(result(end(checker, half, Outcome.COMMIT))).isEqualTo(TransactionDone.INSTANCE);
    assertThat(delivered()).containsExactly("body 1");
  }

  @Test
  void aRetryThatANodeSendsIsAnsweredWithTheFirstHalfToo() {
    ActorRef<TransactionChecker.Command> checker = checker(settings(LATER, 3, 10, 100));
    HostAddress from = new HostAddress(LOCALHOST, 9);
    HalfStored half = (HalfStored) result(store(checker, 1, from, true, 1, true));

    assertThat(half.offset()).as("nothing was stored before").isZero();
    assertThat(result(store(checker, 1, from, true, 1, true)))
        .isEqualTo(new StoredBefore(half.offset(), half.position(), 1));
    assertThat(pending(checker).undecided()).isEqualTo(1);
    assertThat(result(end(checker, half, Outcome.ROLLBACK))).isEqualTo(TransactionDone.INSTANCE);
    assertThat(result(store(checker, 1, from, true, 1, true))).isInstanceOf(HalfStored.class);
  }

  @Test
  void aRetryOfADecidedOneIsANewOne() {
    ActorRef<TransactionChecker.Command> checker = checker(settings(LATER, 3, 10, 100));
    HalfStored half = (HalfStored) result(store(checker, 1, 1, 9, true));
    assertThat(result(end(checker, half, Outcome.ROLLBACK))).isEqualTo(TransactionDone.INSTANCE);

    HalfStored second = (HalfStored) result(store(checker, 1, 1, 10, true));
    assertThat(result(end(checker, second, Outcome.COMMIT))).isEqualTo(TransactionDone.INSTANCE);
    assertThat(delivered()).containsExactly("body 1");
  }

  @Test
  void attemptsOnTheWayAtOnceAreOneHalf() {
    ActorRef<TransactionChecker.Command> checker = checker(settings(LATER, 3, 1000, 100));
    for (int number = 0; number < 100; number++) {
      CompletableFuture<HalfReply> first = store(checker, number, 1, 9, true);
      CompletableFuture<HalfReply> second = store(checker, number, 2, 10, true);
      HalfStored half = (HalfStored) result(first);
      assertThat(result(second)).isEqualTo(new StoredBefore(half.offset(), half.position(), 1));
    }
    assertThat(pending(checker).undecided()).isEqualTo(100);
  }

  @Test
  void aRetryIsRecognisedByTheNextCheckerToo() {
    ActorRef<TransactionChecker.Command> checker = checker(settings(LATER, 3, 10, 1));
    HalfStored half = (HalfStored) result(store(checker, 1, 1, 9, true));
    HalfStored ended = (HalfStored) result(store(checker, 2, 1, 9, true));
    assertThat(result(end(checker, ended, Outcome.ROLLBACK))).isEqualTo(TransactionDone.INSTANCE);
    kit.stop(checker, SOON);
    ActorRef<TransactionChecker.Command> next = checker(settings(LATER, 3, 10, 1));

    assertThat(result(store(next, 1, 2, 10, true)))
        .isEqualTo(new StoredBefore(half.offset(), half.position(), 1));
    assertThat(result(store(next, 2, 1, 10, true))).isInstanceOf(HalfStored.class);
  }

  @Test
  void onlyQuestionsThatReachSomebodyCountAndThenItIsParked() {
    AtomicInteger unreached = new AtomicInteger();
    AtomicInteger reached = new AtomicInteger();
    producer(
        check -> {
          assertThat(check.header().topic()).isEqualTo("orders");
          ByteBuffer record = ByteBuffer.wrap(check.record());
          assertThat(MessageRecord.isWhole(record, 0, record.limit())).isTrue();
          assertThat(MessageRecord.topic(record, 0)).isEqualTo("orders");
          assertThat(MessageRecord.property(record, 0, "PGROUP")).isEqualTo("PG");
          if (unreached.get() < 5) {
            unreached.incrementAndGet();
            return false;
          }
          reached.incrementAndGet();
          return true;
        });
    ActorRef<TransactionChecker.Command> checker = checker(settings(SHORT, 2, 10, 100));
    HalfStored half = stored(checker, 1);
    awaitPending(checker, 1, 1);
    assertThat(unreached).hasValue(5);
    assertThat(reached).hasValue(2);

    CompletableFuture<EndReply> resumed = new CompletableFuture<>();
    checker.tell(new ResumeChecks(half.position(), resumed::complete));
    assertThat(result(resumed)).isEqualTo(TransactionDone.INSTANCE);
    kit.createTestProbe().awaitAssert(SOON, () -> assertThat(reached).hasValue(4));
    awaitPending(checker, 1, 1);
    assertThat(result(end(checker, half, Outcome.COMMIT))).isEqualTo(TransactionDone.INSTANCE);
    awaitPending(checker, 0, 0);
    assertThat(delivered()).containsExactly("body 1");
  }

  @Test
  void otherNodesAreNotAskedForEachHalfOfAGroupThatNobodyHas() {
    AtomicInteger asked = new AtomicInteger();
    producers.others(
        (group, logGroup, check, written) -> {
          asked.incrementAndGet();
          written.tell(false);
        });
    ActorRef<TransactionChecker.Command> checker =
        checker(new TransactionSettings(SHORT, Duration.ofMinutes(2), 2, 100, 1000, 1, 100, 10));
    for (int i = 0; i < 50; i++) {
      stored(checker, i);
    }
    kit.createTestProbe().awaitAssert(SOON, () -> assertThat(asked).hasPositiveValue());
    CompletableFuture<Boolean> here = new CompletableFuture<>();
    producer(check -> here.complete(true));
    stored(checker, 50);

    assertThat(result(here)).isTrue(); // who is here is asked at once
    assertThat(asked).hasValue(1);
  }

  @Test
  void moreThanMayBeUndecidedAreRefusedUntilSomeEnd() {
    ActorRef<TransactionChecker.Command> checker = checker(settings(LATER, 3, 2, 100));
    HalfStored first = stored(checker, 1);
    stored(checker, 2);
    assertThat(result(store(checker, 3))).isEqualTo(TransactionRefused.TOO_MANY_PENDING);
    result(end(checker, first, Outcome.ROLLBACK));
    stored(checker, 4);
    assertThat(delivered()).isEmpty();
  }

  @Test
  void newLeaderKnowsWhatIsUndecidedFromASnapshotOn() {
    TransactionSettings settings = settings(LATER, 3, 1000, 8);
    ActorRef<TransactionChecker.Command> before = checker(settings);
    List<HalfStored> halves = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      halves.add(stored(before, i));
      if (i % 5 != 0) {
        result(end(before, halves.get(i), i % 2 == 0 ? Outcome.COMMIT : Outcome.ROLLBACK));
      }
    }
    kit.stop(before);

    ActorRef<TransactionChecker.Command> after = checker(settings);
    assertThat(pending(after).undecided()).isEqualTo(20);
    for (int i = 0; i < 100; i++) {
      assertThat(result(end(after, halves.get(i), Outcome.COMMIT)))
          .isEqualTo(i % 5 == 0 ? TransactionDone.INSTANCE : TransactionRefused.NO_SUCH_HALF);
    }
    assertThat(delivered()).hasSize(40 + 20).doesNotHaveDuplicates();
    assertThat(log.queue(HalfMessage.EVENTS).nextOffset())
        .as("snapshots among the ends")
        .isGreaterThan(100 + 5);
  }

  @Test
  void failureOfTheCheckerLosesAndDoublesNothing() {
    AtomicInteger questions = new AtomicInteger();
    AtomicInteger failures = new AtomicInteger();
    producer(
        check -> {
          if (questions.incrementAndGet() % 20 == 0) {
            failures.incrementAndGet();
            throw new IllegalStateException("a test's failure");
          }
          return true;
        });
    ActorRef<TransactionChecker.Command> checker = checker(settings(SHORT, 1000, 10_000, 16));
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<HalfStored> halves = new ArrayList<>();
    TreeSet<String> committed = new TreeSet<>();
    List<CompletableFuture<EndReply>> ends = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      halves.add(stored(checker, i));
      if (random.nextInt(4) > 0) {
        HalfStored half = halves.get(i);
        ends.add(end(checker, half, Outcome.COMMIT));
        ends.add(end(checker, half, Outcome.COMMIT)); // the second one is late or refused
        committed.add("body " + i);
      }
    }
    long done = ends.stream().filter(end -> result(end) == TransactionDone.INSTANCE).count();

    assertThat(done).as("seed %s", seed).isEqualTo(committed.size());
    assertThat(delivered()).as("seed %s", seed).containsExactlyInAnyOrderElementsOf(committed);
    // Those without an end are asked for again and again, and some of those questions fail.
    kit.createTestProbe().awaitAssert(SOON, () -> assertThat(failures).hasValueGreaterThan(3));
    awaitPending(checker, 300 - committed.size(), 0);
    assertThat(delivered()).as("seed %s", seed).containsExactlyInAnyOrderElementsOf(committed);
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

package io.sampo.actors.group;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.sampo.actors.catalog.Catalog;
import io.sampo.actors.catalog.SubscriptionGroupConfig;
import io.sampo.actors.catalog.TopicConfig;
import io.sampo.actors.consumer.ConsumerGroup;
import io.sampo.actors.consumer.ConsumerGroup.GroupQueue;
import io.sampo.actors.consumer.OffsetKeeping;
import io.sampo.cluster.placement.Charter;
import io.sampo.cluster.placement.CharterBook;
import io.sampo.cluster.placement.ClusterPlan;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.replication.AppendReply;
import io.sampo.cluster.replication.CommitLog;
import io.sampo.cluster.replication.CommitLogSettings;
import io.sampo.cluster.replication.LocalLog;
import io.sampo.cluster.replication.LocalLogs;
import io.sampo.record.BodyCrc;
import io.sampo.record.MessageDraft;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogSlice;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.ShardCoordinator;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import org.apache.pekko.japi.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node's actors on a real log in a real cluster of one. */
class LogGroupsTest {
  private static final String LOG_GROUP = "broker-0";
  private static final ClusterPlan PLAN =
      ClusterPlan.founding("cluster", List.of(new ReplicaId("node", 1)), 1, 1);
  private static final QueueKey KEY = new QueueKey("orders", 0);
  private static final List<String> TOPICS = List.of("orders", "bills", "parcels");
  private static final int RECORD_POSITION_AT = 28;
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir Path dataDir;

  /** A node's actor system with what {@link LogGroups#start} gave. */
  private final class Node implements AutoCloseable {
    final ActorTestKit kit;
    final ActorRef<CommitLog.Command> commitLog;
    final LogGroups logGroups;

    Node() {
      kit = ActorTestKit.create("node", config());
      Cluster cluster = Cluster.get(kit.system());
      cluster.manager().tell(Join.create(cluster.selfMember().address()));
      commitLog = openLog();
      CompletableFuture<LogGroups> started = new CompletableFuture<>();
      kit.spawn(guardian(started));
      logGroups = result(started);
    }

    private Behavior<Object> guardian(CompletableFuture<LogGroups> started) {
      return Behaviors.setup(
          context -> {
            started.complete(
                LogGroups.start(
                    context,
                    new LogGroups.Layout("sampo", new CharterBook(PLAN, Charter.EMPTY), true),
                    ShardCoordinator.leastShardAllocationStrategy(1, 1),
                    LogGroups.Settings.from(context.getSystem().settings().config())));
            return Behaviors.empty();
          });
    }

    ActorRef<CommitLog.Command> openLog() {
      return kit.system()
          .systemActorOf(
              CommitLog.create(LOG_GROUP, CommitLogSettings.of(kit.system().settings().config())),
              "log-" + System.nanoTime(),
              CommitLog.dispatcher());
    }

    LogGroup.LeaderAnnouncement leader() {
      TestProbe<Object> probe = kit.createTestProbe();
      return probe.awaitAssert(
          SOON,
          () -> {
            LogGroup.LeaderAnnouncement leader = logGroups.leaders().leadership(LOG_GROUP);
            assertThat(leader).isNotNull();
            return leader;
          });
    }

    <R> R ask(ActorRef<LogGroup.Command> leader, Function<ActorRef<R>, LogGroup.Command> question) {
      return result(AskPattern.ask(leader, question, SOON, kit.system().scheduler()));
    }

    ActorRef<Queue.Command> queue() {
      LogGroup.QueueReply reply =
          ask(leader().leader(), replyTo -> new LogGroup.ResolveQueue(KEY, replyTo));
      return ((LogGroup.QueueResolved) reply).actor();
    }

    ActorRef<ConsumerGroup.Command> group(String name) {
      LogGroup.ConsumerGroupReply reply =
          ask(leader().leader(), replyTo -> new LogGroup.ResolveConsumerGroup(name, replyTo));
      return ((LogGroup.ConsumerGroupResolved) reply).actor();
    }

    AppendReply append(String body) {
      ByteBuffer bytes = ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8));
      MessageDraft draft = MessageDraft.to(KEY).body(bytes, BodyCrc.of(bytes)).build();
      CompletableFuture<AppendReply> reply = new CompletableFuture<>();
      queue().tell(new Queue.Append(List.of(draft), reply::complete));
      return result(reply);
    }

    long positionOf(ByteBuffer body) {
      MessageDraft draft = MessageDraft.to(KEY).body(body, BodyCrc.of(body)).build();
      CompletableFuture<AppendReply> reply = new CompletableFuture<>();
      queue().tell(new Queue.Append(List.of(draft), reply::complete));
      return ((AppendReply.Appended) result(reply)).positions()[0];
    }

    RecordReader.RecordReply read(long position) {
      LogGroup.PartReply records =
          ask(
              leader().leader(),
              replyTo -> new LogGroup.ResolvePart(LogGroup.Part.RECORDS, replyTo));
      CompletableFuture<RecordReader.RecordReply> reply = new CompletableFuture<>();
      ((LogGroup.PartResolved) records)
          .actor()
          .tell(new RecordReader.ReadRecord(position, reply::complete));
      return result(reply);
    }

    CrossQueueWriter.WriteReply write(QueueKey... queues) {
      LogGroup.LeaderAnnouncement leader = leader();
      LocalLog log = Objects.requireNonNull(LocalLogs.get(kit.system()).find(LOG_GROUP));
      ActorRef<CrossQueueWriter.Command> writer =
          kit.spawn(
              CrossQueueWriter.create(
                  new Leadership(LOG_GROUP, leader.epoch(), log.reader(), commitLog),
                  leader.leader(),
                  10));
      List<MessageDraft> drafts =
          Stream.of(queues).map(key -> MessageDraft.to(key).build()).toList();
      CompletableFuture<CrossQueueWriter.WriteReply> reply = new CompletableFuture<>();
      writer.tell(new CrossQueueWriter.Write(drafts, reply::complete));
      return result(reply);
    }

    Queue.PullReply pull(long offset, long waitMillis) {
      CompletableFuture<Queue.PullReply> reply = new CompletableFuture<>();
      queue()
          .tell(
              new Queue.Pull(
                  offset,
                  new Queue.PullLimits(32, 1 << 20),
                  Queue.EntryFilter.ALL,
                  waitMillis,
                  reply::complete));
      return result(reply);
    }

    @Override
    public void close() {
      kit.shutdownTestKit();
    }
  }

  @Test
  void messageGoesInAndComesOut() {
    try (Node node = new Node()) {
      assertThat(node.append("hello")).isInstanceOf(AppendReply.Appended.class);
      Queue.Found found = (Queue.Found) node.pull(0, 0);
      assertThat(found.messages()).isEqualTo(1);
      found.slices().forEach(LogSlice::close);
    }
  }

  @Test
  void recordsOfSeveralQueuesAreWrittenTogetherAndWakeWhoWaits() {
    QueueKey other = new QueueKey("bills", 3);
    try (Node node = new Node()) {
      node.append("before");
      CompletableFuture<Queue.PullReply> waiting = new CompletableFuture<>();
      node.queue()
          .tell(
              new Queue.Pull(
                  1,
                  new Queue.PullLimits(32, 1 << 20),
                  Queue.EntryFilter.ALL,
                  SOON.toMillis(),
                  waiting::complete));

      CrossQueueWriter.Written written =
          (CrossQueueWriter.Written) node.write(other, KEY, other, KEY);

      assertThat(written.queueOffsets()).containsExactly(0, 1, 1, 2);
      assertThat(written.positions()).hasSize(4).isSorted();
      Queue.Found found = (Queue.Found) result(waiting);
      assertThat(found.messages()).isEqualTo(2);
      found.slices().forEach(LogSlice::close);
    }
  }

  @Test
  void recordIsFoundByItsPositionAndByNothingThatLooksLikeOne() {
    try (Node node = new Node()) {
      long first = node.positionOf(ByteBuffer.allocate(300));
      long second = node.positionOf(ByteBuffer.allocate(300));
      RecordReader.RecordFound found = (RecordReader.RecordFound) node.read(second);
      ByteBuffer record = ByteBuffer.allocate(found.slice().sizeBytes());
      record.put(found.slice().bytes()).flip();
      found.slice().close();
      assertThat(MessageRecord.queueOffset(record, 0)).isEqualTo(1);
      assertThat(record.remaining()).isGreaterThan(300);

      // A record inside the body of the next one, at just the position that it claims; again if the
      // node itself wrote something meanwhile.
      int bodyAt = MessageRecord.bodyIndex(record, 0);
      ByteBuffer forged = ByteBuffer.allocate(record.remaining()).put(record.duplicate()).flip();
      long fourth;
      long stored;
      do {
        long third = node.positionOf(ByteBuffer.allocate(record.remaining()));
        fourth = 2 * node.positionOf(ByteBuffer.allocate(record.remaining())) - third;
        forged.putLong(RECORD_POSITION_AT, fourth + bodyAt);
        stored = node.positionOf(forged);
      } while (stored != fourth);

      assertThat(node.read(fourth)).isInstanceOf(RecordReader.RecordFound.class);
      for (long position :
          new long[] {fourth + bodyAt, first + 1, 0, -1, fourth + 10_000, Long.MAX_VALUE}) {
        assertThat(node.read(position))
            .as("position %d", position)
            .isEqualTo(RecordReader.NoRecord.NO_SUCH_RECORD);
      }
    }
  }

  @Test
  void restartBringsBackMessagesTopicsGroupsAndOffsets() {
    GroupQueue queue = new GroupQueue(LOG_GROUP, KEY);
    long epoch;
    try (Node node = new Node()) {
      epoch = node.leader().epoch();
      node.append("one");
      node.append("two");
      for (String topic : TOPICS) {
        result(node.logGroups.catalog().ensureTopic(TopicConfig.of(topic, 4, 6)));
      }
      result(node.logGroups.catalog().ensureGroup(SubscriptionGroupConfig.withDefaults("billing")));
      for (long offset = 1; offset <= 5; offset++) {
        CompletableFuture<OffsetKeeping.CommitReply> committed = new CompletableFuture<>();
        node.group("billing")
            .tell(new OffsetKeeping.CommitOffset(queue, offset, committed::complete));
        assertThat(result(committed)).isEqualTo(new OffsetKeeping.OffsetCommitted(offset));
      }
      // Not durable yet when the node is told to stop.
      node.group("billing").tell(new OffsetKeeping.AdvanceOffset(queue, 6));
    }
    try (Node node = new Node()) {
      assertThat(node.leader().epoch()).isGreaterThan(epoch);
      Queue.Found found = (Queue.Found) node.pull(0, 0);
      assertThat(found.messages()).isEqualTo(2);
      found.slices().forEach(LogSlice::close);
      for (String topic : TOPICS) {
        assertThat(result(node.logGroups.catalog().lookUpTopic(topic)))
            .isInstanceOf(Catalog.TopicFound.class);
      }
      TestProbe<Object> probe = node.kit.createTestProbe();
      probe.awaitAssert(
          SOON,
          () -> {
            assertThat(node.logGroups.catalog().topic("%RETRY%billing")).isNotNull();
            assertThat(node.logGroups.catalog().group("billing")).isNotNull();
            return null;
          });
      CompletableFuture<OffsetKeeping.OffsetReply> offset = new CompletableFuture<>();
      node.group("billing").tell(new OffsetKeeping.GetOffset(queue, offset::complete));
      assertThat(result(offset)).isEqualTo(new OffsetKeeping.OffsetFound(6));
    }
  }

  @Test
  void leadershipEndsWithTheLogAndBeginsAgainWithTheNextOne() {
    try (Node node = new Node()) {
      node.append("one");
      LogGroup.LeaderAnnouncement first = node.leader();
      ActorRef<Queue.Command> queue = node.queue();
      TestProbe<Object> probe = node.kit.createTestProbe();

      node.kit.system().classicSystem().stop(Adapter.toClassic(node.commitLog));

      probe.expectTerminated(first.leader(), SOON);
      probe.expectTerminated(queue, SOON);
      probe.awaitAssert(
          SOON,
          () -> {
            assertThat(node.logGroups.leaders().leader(LOG_GROUP)).isNull();
            return null;
          });
      node.openLog();
      assertThat(node.leader().epoch()).isGreaterThan(first.epoch());
      assertThat(((AppendReply.Appended) node.append("two")).queueOffset()).isEqualTo(1);
    }
  }

  private Config config() {
    return ConfigFactory.parseMap(
            Map.of(
                "sampo.data-dir", dataDir.toString(),
                "sampo.log.segment-size", "1 MiB",
                "sampo.log.preallocate-step", "1 MiB",
                "sampo.catalog.snapshot-every", 2, // so that some of it comes from snapshots
                "sampo.consumer.snapshot-every", 2,
                "pekko.actor.provider", "cluster",
                "pekko.remote.artery.canonical.hostname", "127.0.0.1",
                "pekko.remote.artery.canonical.port", 0,
                "pekko.persistence.journal.plugin", "sampo.journal",
                "pekko.persistence.snapshot-store.plugin", "sampo.snapshot-store"))
        .withFallback(ConfigFactory.load());
  }

  private static <T> T result(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(SOON.toSeconds(), SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}

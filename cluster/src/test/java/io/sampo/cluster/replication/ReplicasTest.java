package io.sampo.cluster.replication;

import static io.sampo.cluster.replication.ReplicaGroup.SOON;
import static io.sampo.cluster.replication.ReplicaGroup.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.protocol.Membership;
import io.sampo.cluster.protocol.ReplicaEffect.MembershipRefusal;
import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.protocol.ReplicaMessage;
import io.sampo.cluster.replication.AppendReply.Appended;
import io.sampo.cluster.replication.AppendReply.NotOnAll;
import io.sampo.cluster.replication.CommitLog.Append;
import io.sampo.cluster.replication.CommitLog.Lead;
import io.sampo.cluster.replication.CommitLog.LeadReply;
import io.sampo.cluster.replication.CommitLog.LeadershipEnded;
import io.sampo.cluster.replication.CommitLog.Leading;
import io.sampo.cluster.replication.CommitLog.QueueCommitted;
import io.sampo.cluster.replication.ReplicaGroup.Node;
import io.sampo.cluster.replication.ReplicaQuestion.AskStatus;
import io.sampo.cluster.replication.ReplicaQuestion.BarrierReply;
import io.sampo.cluster.replication.ReplicaQuestion.ChangeMembership;
import io.sampo.cluster.replication.ReplicaQuestion.MembershipChanged;
import io.sampo.cluster.replication.ReplicaQuestion.MembershipNotChanged;
import io.sampo.cluster.replication.ReplicaQuestion.MembershipReply;
import io.sampo.cluster.replication.ReplicaQuestion.ReadBarrier;
import io.sampo.cluster.replication.ReplicaQuestion.ReadReady;
import io.sampo.cluster.replication.ReplicaQuestion.ReadRefused;
import io.sampo.record.MessageRecord;
import io.sampo.record.QueueKey;
import io.sampo.storage.log.LogReader;
import io.sampo.storage.log.LogSlice;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three replicas with real files, real connections and actor systems of their own. */
class ReplicasTest {
  private static final QueueKey ORDERS = new QueueKey("orders", 1);

  private final CountedDrafts drafts = new CountedDrafts();
  private final BlockingQueue<AppendReply> answers = new LinkedBlockingQueue<>();
  private final BlockingQueue<QueueCommitted> progress = new LinkedBlockingQueue<>();
  private final ReplyTo<QueueCommitted> queue = progress::add;
  private @Nullable ReplicaGroup opened;

  @TempDir private Path folder;

  @AfterEach
  void stop() {
    if (opened != null) {
      opened.close();
    }
  }

  @Test
  void whatIsAcknowledgedIsOnEveryReplicaInTheEnd() throws Exception {
    ReplicaGroup group = group("");
    Node a = group.start("a");
    Node b = group.start("b");
    Node c = group.start("c");
    long epoch = lead(a);

    for (int i = 0; i < 200; i++) {
      append(a, epoch, "message " + i);
      assertThat(appended().queueOffset()).isEqualTo(i);
    }

    group.awaitSame();
    List<String> sent = IntStream.range(0, 200).mapToObj(i -> "message " + i).toList();
    for (Node node : List.of(a, b, c)) {
      assertThat(bodies(node)).isEqualTo(sent);
    }
    drafts.assertEachReleasedOnce();
  }

  @Test
  void anotherLeadsWhenTheLeaderIsGoneAndNothingAcknowledgedIsLost() throws Exception {
    ReplicaGroup group = group("");
    Node a = group.start("a");
    Node b = group.start("b");
    group.start("c");
    long first = lead(a);
    List<String> acknowledged = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      append(a, first, "first " + i);
    }
    for (int i = 0; i < 300; i++) {
      appended();
      acknowledged.add("first " + i);
    }
    group.stop("a");

    long second = lead(b);
    append(b, second, "second");
    assertThat(appended().queueOffset()).isEqualTo(300);
    acknowledged.add("second");
    assertThat(second).isGreaterThan(first);
    assertThat(bodies(b)).isEqualTo(acknowledged);

    Node again = group.start("a");
    group.awaitSame();
    assertThat(bodies(again)).isEqualTo(acknowledged);
  }

  @Test
  void whatNobodyAcknowledgedIsCutWhenItsLeaderComesBack() throws Exception {
    ReplicaGroup group = group("sampo.replication.ack-timeout = 300 ms");
    Node a = group.start("a");
    group.start("b");
    group.start("c");
    long first = lead(a);
    append(a, first, "on all");
    appended();
    group.awaitSame();
    group.stop("b");
    group.stop("c");
    for (int i = 0; i < 50; i++) {
      append(a, first, "on a alone " + i);
    }
    for (int i = 0; i < 50; i++) {
      assertThat(answer()).isEqualTo(AppendRefused.REPLICAS_MISSING);
    }
    group.stop("a");

    Node b = group.start("b");
    group.start("c");
    long second = lead(b);
    append(b, second, "in its place");
    assertThat(appended().queueOffset()).isEqualTo(1);
    Node back = group.start("a");

    group.awaitSame();
    assertThat(bodies(back)).containsExactly("on all", "in its place");
    drafts.assertEachReleasedOnce();
  }

  @Test
  void aFollowerWhoseDiskStandsStillSlowsNobody() throws Exception {
    ReplicaGroup group = group("");
    ScriptedReplicaLog.Gate flushes = new ScriptedReplicaLog.Gate();
    Node a = group.start("a");
    group.start("b");
    Node c = group.start("c", log -> new GatedLog(log, flushes));
    long epoch = lead(a);
    append(a, epoch, "before");
    appended();
    group.awaitSame();

    flushes.hold();
    for (int i = 0; i < 500; i++) {
      append(a, epoch, "x".repeat(2_000));
    }
    for (int i = 0; i < 500; i++) {
      appended();
    }
    assertThat(c.log().committedPosition()).isLessThan(a.log().committedPosition());

    flushes.allow(1_000_000);
    group.awaitSame();
    assertThat(bodies(c)).hasSize(501);
  }

  @Test
  void aReplicaThatWasAwayCatchesUpOverManySegments() throws Exception {
    ReplicaGroup group = group("sampo.replication.fetch-max-bytes = 32 KiB");
    Node a = group.start("a");
    group.start("b");
    long epoch = lead(a);
    for (int i = 0; i < 1_000; i++) {
      append(a, epoch, i + "x".repeat(3_000));
    }
    for (int i = 0; i < 1_000; i++) {
      appended();
    }

    Node c = group.start("c");

    group.awaitSame();
    assertThat(bodies(c)).isEqualTo(bodies(a)).hasSize(1_000);
  }

  @Test
  void allMeansAll() throws Exception {
    ReplicaGroup group = group("sampo.replication { acknowledge = all, ack-timeout = 300 ms }");
    Node a = group.start("a");
    group.start("b");
    long epoch = lead(a);

    append(a, epoch, "two of three have it");
    assertThat(progress()).as("a quorum has it").isEqualTo(new QueueCommitted(1, 1));
    assertThat(answer())
        .isInstanceOfSatisfying(NotOnAll.class, late -> assertThat(late.waited()).isTrue());
    appendFromInside(a, epoch, "state goes on with a quorum");
    assertThat(appended().queueOffset()).isEqualTo(1);
    append(a, epoch, "nobody waits for who is known to be away");
    assertThat(answer())
        .isInstanceOfSatisfying(NotOnAll.class, known -> assertThat(known.waited()).isFalse());

    group.start("c");
    group.awaitSame();
    awaitAll(a, epoch);
  }

  /** Once the leader has noticed that all confirm again, it waits for all. */
  private void awaitAll(Node leader, long epoch) throws InterruptedException {
    AppendReply reply;
    do {
      append(leader, epoch, "three of three");
      reply = answer();
    } while (reply instanceof NotOnAll known && !known.waited());
    assertThat(reply).isInstanceOf(Appended.class);
  }

  private void appendFromInside(Node node, long epoch, String body) {
    node.commitLog()
        .tell(new Append(epoch, List.of(drafts.draft(ORDERS, body)), null, answers::add));
  }

  @Test
  void theLeaderAloneAcknowledgesAndShowsOnlyWhatIsCommitted() throws Exception {
    ReplicaGroup group = group("sampo.replication.acknowledge = leader");
    Node a = group.start("a");
    group.start("b");
    group.start("c");
    long epoch = lead(a);
    append(a, epoch, "on all");
    appended();
    assertThat(progress()).isEqualTo(new QueueCommitted(1, 1));
    group.awaitSame();
    group.stop("b");
    group.stop("c");

    long committed = a.log().committedPosition();
    append(a, epoch, "on one");
    assertThat(appended().queueOffset()).isEqualTo(1);
    assertThat(a.log().committedPosition()).isEqualTo(committed);
    assertThat(progress).isEmpty();

    group.start("b");
    assertThat(progress()).isEqualTo(new QueueCommitted(2, 1));
  }

  @Test
  void whatWasNotConfirmedInTimeIsShownWhenItIsCommittedAfterAll() throws Exception {
    ReplicaGroup group = group("sampo.replication.ack-timeout = 300 ms");
    Node a = group.start("a");
    group.start("b");
    long epoch = lead(a);
    group.stop("b");

    append(a, epoch, "alone");
    assertThat(answer()).isEqualTo(AppendRefused.REPLICAS_MISSING);
    assertThat(progress).isEmpty();
    appendFromInside(a, epoch, "from inside");

    group.start("c");
    assertThat(progress()).isEqualTo(new QueueCommitted(1, 1));
    assertThat(appended().queueOffset()).as("who has no time limit").isEqualTo(1);
    group.awaitSame();
  }

  @Test
  void aLeaderThatIsReplacedRefusesWhatWaits() throws Exception {
    ReplicaGroup group = group("sampo.replication.acknowledge = all");
    Node a = group.start("a");
    Node b = group.start("b");
    TestProbe<LeadReply> leader = a.kit().createTestProbe();
    long epoch = lead(a, leader);
    append(a, epoch, "c is missing");
    progress();

    lead(b);

    assertThat(answer()).isEqualTo(AppendRefused.LEADERSHIP_ENDED);
    assertThat(leader.expectMessageClass(LeadershipEnded.class, SOON).epoch()).isEqualTo(epoch);
    append(a, epoch, "too late");
    assertThat(answer()).isEqualTo(AppendRefused.NOT_LEADING);
    assertThat(a.log().ledEpoch()).isZero();
    group.awaitSame();
    assertThat(bodies(a)).as("what was refused may be stored").containsExactly("c is missing");
  }

  @Test
  void aReplicaWithAnEmptyDiskLearnsAndIsVotedInInPlaceOfTheLostOne() throws Exception {
    ReplicaGroup group = group("");
    Node a = group.start("a");
    group.start("b");
    group.start("c");
    long epoch = lead(a);
    for (int i = 0; i < 50; i++) {
      append(a, epoch, "message " + i);
      appended();
    }
    group.stop("c");
    ReplicaId replaced = new ReplicaId("c", 2);
    Membership now = Membership.ofVoters(List.of(id("a"), id("b"), id("c")));

    assertThat(change(a, now.withVoter(replaced)))
        .isEqualTo(
            new MembershipNotChanged(now.withVoter(replaced), MembershipRefusal.NOT_CAUGHT_UP));
    Membership learning = now.without(id("c")).withLearner(replaced);
    assertThat(change(a, learning)).isEqualTo(new MembershipChanged(learning));
    Node c =
        group.start(new ReplicaPlan(replaced, Membership.NOBODY), folder.resolve("c2"), log -> log);
    TestProbe<ReplicaStatus> statuses = a.kit().createTestProbe();
    statuses.awaitAssert(
        SOON,
        () -> {
          a.commitLog().tell(new AskStatus(statuses.getRef()));
          ReplicaStatus status = statuses.receiveMessage(SOON);
          assertThat(status.leads()).isTrue();
          assertThat(status.copies())
              .anyMatch(copy -> copy.replica().equals(replaced) && copy.caughtUp());
          return status;
        });
    Membership whole = learning.withVoter(replaced);
    assertThat(change(a, whole)).isEqualTo(new MembershipChanged(whole));

    group.awaitSame();
    assertThat(bodies(c)).hasSize(50);
    group.stop("b");
    append(a, epoch, "a and the new c are a majority");
    appended();
    statuses.awaitAssert(
        SOON,
        () -> {
          ReplicaStatus status = Objects.requireNonNull(c.log().status());
          assertThat(status.membership()).isEqualTo(whole);
          assertThat(status.leader()).isEqualTo(id("a"));
          return status;
        });
  }

  @Test
  void aReadWaitsForTheProofThatItsLeaderIsCurrent() throws Exception {
    ReplicaGroup group = group("");
    Node a = group.start("a");
    group.start("b");
    group.start("c");
    long epoch = lead(a);
    append(a, epoch, "before");
    appended();
    BlockingQueue<BarrierReply> replies = new LinkedBlockingQueue<>();

    a.commitLog().tell(new ReadBarrier(epoch, replies::add));
    BarrierReply reply = replies.poll(SOON.toSeconds(), TimeUnit.SECONDS);
    assertThat(reply).isEqualTo(new ReadReady(a.log().committedPosition()));
    a.commitLog().tell(new ReadBarrier(epoch - 1, replies::add));
    assertThat(replies.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo(ReadRefused.INSTANCE);

    group.stop("b");
    group.stop("c");
    a.commitLog().tell(new ReadBarrier(epoch, replies::add));
    Node b = group.start("b");
    lead(b);
    assertThat(replies.poll(SOON.toSeconds(), TimeUnit.SECONDS))
        .as("b may have confirmed before it led; a leads no more either way")
        .isIn(ReadRefused.INSTANCE, new ReadReady(a.log().committedPosition()));
    a.commitLog().tell(new ReadBarrier(epoch, replies::add));
    assertThat(replies.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo(ReadRefused.INSTANCE);
  }

  @Test
  void aReadIsRefusedInTimeWhenNoMajorityIsHeard() throws Exception {
    ReplicaGroup group = group("sampo.replication.ack-timeout = 300 ms");
    Node a = group.start("a");
    group.start("b");
    long epoch = lead(a);
    group.stop("b");
    BlockingQueue<BarrierReply> replies = new LinkedBlockingQueue<>();

    for (int i = 0; i < 2; i++) {
      a.commitLog().tell(new ReadBarrier(epoch, replies::add));
    }
    for (int i = 0; i < 2; i++) {
      assertThat(replies.poll(SOON.toSeconds(), TimeUnit.SECONDS)).isEqualTo(ReadRefused.INSTANCE);
    }
  }

  private static MembershipReply change(Node leader, Membership membership) {
    TestProbe<MembershipReply> asker = leader.kit().createTestProbe();
    leader.commitLog().tell(new ChangeMembership(membership, asker.getRef()));
    return asker.receiveMessage(SOON);
  }

  @Test
  void messagesOfOlderEpochsAndOfOtherDisksChangeNothing() throws Exception {
    ReplicaGroup group = group("");
    Node a = group.start("a");
    group.start("b");
    lead(a);
    long epoch = lead(a);
    assertThat(epoch).isGreaterThan(1);

    a.commitLog().tell(new FromPeer(id("b"), id("a"), new ReplicaMessage.Leading(1, 1 << 20, 7)));
    a.commitLog().tell(new FromPeer(id("b"), id("a"), new ReplicaMessage.Promise(1, 9, 1 << 20)));
    a.commitLog().tell(new FromPeer(id("b"), id("a"), new ReplicaMessage.Held(1, 1 << 20)));
    a.commitLog()
        .tell(
            new FromPeer(
                id("b"),
                new ReplicaId("a", 99),
                new ReplicaMessage.Prepare(1_000, 1_000, 1 << 20)));
    append(a, epoch, "still led");

    assertThat(appended().queueOffset()).isZero();
    assertThat(a.log().ledEpoch()).isEqualTo(epoch);
    assertThat(a.log().committedPosition()).isLessThan(1 << 20);
  }

  @Test
  void aStrangerIsDisconnectedAndNobodyElseNotices() throws Exception {
    ReplicaGroup group = group("");
    Node a = group.start("a");
    group.start("b");
    long epoch = lead(a);
    var hello =
        new ReplicationWire.Hello("another-cluster", id("b"), id("a"), ReplicaGroup.LOG_GROUP);
    var unknownLog = new ReplicationWire.Hello(ReplicaGroup.CLUSTER, id("b"), id("a"), "broker-77");
    var wrongDisk =
        new ReplicationWire.Hello(
            ReplicaGroup.CLUSTER, id("b"), new ReplicaId("a", 99), ReplicaGroup.LOG_GROUP);
    byte[] http = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    assertIsClosed(a, http);
    assertIsClosed(a, ReplicationWire.encode(hello).array());
    assertIsClosed(a, ReplicationWire.encode(unknownLog).array());
    assertIsClosed(a, ReplicationWire.encode(wrongDisk).array());
    byte[] damaged = ReplicationWire.encode(hello).array();
    damaged[damaged.length - 1] ^= 1;
    assertIsClosed(a, damaged);

    append(a, epoch, "and on");
    appended();
  }

  private static void assertIsClosed(Node node, byte[] said) throws IOException {
    try (Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), node.replicationAddress().getPort())) {
      socket.setSoTimeout((int) SOON.toMillis());
      OutputStream out = socket.getOutputStream();
      out.write(said);
      out.flush();
      InputStream in = socket.getInputStream();
      assertThat(readToEnd(in)).isTrue();
    }
  }

  /** True at the end of the stream, whichever way it came. */
  private static boolean readToEnd(InputStream in) throws IOException {
    try {
      while (in.read() >= 0) {
        // keep-alives that were on their way
      }
    } catch (SocketException e) {
      return true; // reset
    }
    return true;
  }

  private ReplicaGroup group(String config) {
    ReplicaGroup group = new ReplicaGroup(folder, config, "a", "b", "c");
    opened = group;
    return group;
  }

  /** Asks until it is granted: a majority may have to come up first. */
  private static long lead(Node node) {
    return lead(node, node.kit().createTestProbe());
  }

  private static long lead(Node node, TestProbe<LeadReply> asker) {
    long deadline = System.nanoTime() + SOON.toNanos();
    while (System.nanoTime() < deadline) {
      node.commitLog().tell(new Lead(asker.getRef()));
      if (asker.receiveMessage(SOON) instanceof Leading leading) {
        return leading.epoch();
      }
    }
    throw new AssertionError(node.log().status() + " is not made leader");
  }

  private void append(Node node, long epoch, String body) {
    node.commitLog()
        .tell(new Append(epoch, List.of(drafts.draft(ORDERS, body)), queue, answers::add));
  }

  private AppendReply answer() throws InterruptedException {
    return Objects.requireNonNull(answers.poll(SOON.toSeconds(), TimeUnit.SECONDS), "no answer");
  }

  private Appended appended() throws InterruptedException {
    AppendReply answer = answer();
    assertThat(answer).isInstanceOf(Appended.class);
    return (Appended) answer;
  }

  private QueueCommitted progress() throws InterruptedException {
    return Objects.requireNonNull(progress.poll(SOON.toSeconds(), TimeUnit.SECONDS), "no news");
  }

  /** What a consumer would be shown. */
  private static List<String> bodies(Node node) {
    List<String> bodies = new ArrayList<>();
    LogReader log = node.log().reader();
    long committed = node.log().committedPosition();
    log.queue(ORDERS)
        .scan(
            0,
            Long.MAX_VALUE,
            (offset, position, sizeBytes, tagHash) -> {
              if (position >= committed) {
                return false;
              }
              try (LogSlice slice = Objects.requireNonNull(log.slice(position, sizeBytes))) {
                bodies.add(
                    StandardCharsets.UTF_8
                        .decode(MessageRecord.body(slice.bytes(), slice.bytes().position()))
                        .toString());
              }
              return true;
            });
    return bodies;
  }
}

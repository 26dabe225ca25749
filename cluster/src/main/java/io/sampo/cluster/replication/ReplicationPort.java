package io.sampo.cluster.replication;

import io.sampo.cluster.replication.CommitLog.FollowerConnected;
import io.sampo.cluster.replication.ReplicationWire.Hello;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.Done;
import org.apache.pekko.NotUsed;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.io.TcpSO;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.BoundedSourceQueue;
import org.apache.pekko.stream.javadsl.Flow;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.Tcp;
import org.apache.pekko.util.ByteString;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the connections of followers: each says first who it is and whom it means, and is then
 * handed to the commit log of its log group. Whoever belongs to another cluster, means another
 * replica or says anything else is disconnected, and nobody else notices.
 */
public final class ReplicationPort {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicationPort.class);

  /** More answers than a follower ever waits for; one more is dropped, and asked for again. */
  private static final int UNSENT_MAX = 4;

  private static final int BACKLOG = 128;
  private static final Duration HELLO_TIMEOUT = Duration.ofSeconds(5);

  private final Tcp.ServerBinding binding;

  private ReplicationPort(Tcp.ServerBinding binding) {
    this.binding = binding;
  }

  /**
   * How connections are treated.
   *
   * @param clusterId who belongs here
   * @param connectionsMax the most at a time; more are closed at once
   * @param aliveEvery how often a leader that has nothing to say says so
   * @param silenceMax after how long of silence a follower is taken for dead
   */
  private record Rules(
      String clusterId, int connectionsMax, Duration aliveEvery, Duration silenceMax) {}

  /**
   * Binds the port.
   *
   * @param clusterId what a follower must name
   * @param address port 0 takes a free one
   * @return fails when the port is taken
   */
  public static CompletionStage<ReplicationPort> bind(
      ActorSystem<?> system,
      String clusterId,
      InetSocketAddress address,
      ReplicationSettings settings) {
    Rules rules =
        new Rules(
            clusterId,
            settings.connectionsMax(),
            settings.aliveEvery(),
            settings.silenceMax().multipliedBy(2));
    AtomicInteger connections = new AtomicInteger();
    return Tcp.get(system)
        .bind(
            address.getHostString(),
            address.getPort(),
            BACKLOG,
            List.of(TcpSO.tcpNoDelay(true)),
            true,
            Optional.empty())
        .to(Sink.foreach(connection -> accept(system, rules, connection, connections)))
        .run(system)
        .thenApply(ReplicationPort::new);
  }

  private static void accept(
      ActorSystem<?> system,
      Rules rules,
      Tcp.IncomingConnection connection,
      AtomicInteger connections) {
    if (connections.incrementAndGet() > rules.connectionsMax()) {
      connections.decrementAndGet();
      LOG.warn("{} is one follower too many", connection.remoteAddress());
      connection.handleWith(Flow.fromSinkAndSource(Sink.cancelled(), Source.empty()), system);
      return;
    }
    Pair<BoundedSourceQueue<ByteString>, Source<ByteString, NotUsed>> answers =
        Source.<ByteString>queue(UNSENT_MAX)
            .keepAlive(rules.aliveEvery(), ReplicationWire::alive)
            .preMaterialize(system);
    OutgoingFrames outgoing = new OutgoingFrames(answers.first());
    Session session = new Session(system, rules.clusterId(), outgoing);
    Sink<ByteString, NotUsed> questions =
        Flow.of(ByteString.class)
            .via(ReplicationWire.framing(ReplicationWire.FOLLOWER_FRAME_BYTES_MAX))
            .initialTimeout(HELLO_TIMEOUT)
            .idleTimeout(rules.silenceMax())
            .to(Sink.foreach(session::onFrame));
    connection.handleWith(
        Flow.fromSinkAndSourceCoupled(questions, answers.second())
            .watchTermination(
                (notUsed, ended) ->
                    ended.whenComplete(
                        (done, failure) -> {
                          connections.decrementAndGet();
                          outgoing.close();
                          session.ended(connection.remoteAddress(), failure);
                        })),
        system);
  }

  public InetSocketAddress address() {
    return binding.localAddress();
  }

  /** Takes no more connections; those that are there end with their replicas. */
  public CompletionStage<Done> unbind() {
    return binding.unbind().thenApply(unbound -> Done.getInstance());
  }

  /** What a connection is. Used by one thread at a time, its stream's. */
  private static final class Session {
    private final LocalLogs logs;
    private final String clusterId;
    private final OutgoingFrames answers;
    private @Nullable Greeted greeted;

    private record Greeted(Hello hello, ActorRef<CommitLog.Command> commitLog) {}

    Session(ActorSystem<?> system, String clusterId, OutgoingFrames answers) {
      this.logs = LocalLogs.get(system);
      this.clusterId = clusterId;
      this.answers = answers;
    }

    void onFrame(ByteString frame) {
      Greeted known = greeted;
      if (known == null) {
        greeted = greet(ReplicationWire.decodeHello(frame));
      } else {
        Hello hello = known.hello();
        known
            .commitLog()
            .tell(
                new FromPeer(
                    hello.follower(), hello.leader(), ReplicationWire.decodeFromFollower(frame)));
      }
    }

    private Greeted greet(Hello hello) {
      LocalLog log = logs.find(hello.logGroup());
      if (!hello.clusterId().equals(clusterId)) {
        throw new ReplicationWire.BrokenException(hello + " is of another cluster");
      }
      if (log == null) {
        throw new ReplicationWire.BrokenException(hello + " means a log that isn't here");
      }
      log.commitLog().tell(new FollowerConnected(hello.follower(), hello.leader(), answers));
      return new Greeted(hello, log.commitLog());
    }

    void ended(InetSocketAddress remote, @Nullable Throwable failure) {
      if (failure != null) {
        LOG.info("{} was disconnected: {}", remote, failure.toString());
      }
    }
  }
}

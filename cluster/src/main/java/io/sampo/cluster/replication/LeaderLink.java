package io.sampo.cluster.replication;

import io.sampo.cluster.protocol.ReplicaMessage.Fetched;
import io.sampo.cluster.replication.ReplicationWire.Hello;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.io.TcpSO;
import org.apache.pekko.japi.Pair;
import org.apache.pekko.stream.BoundedSourceQueue;
import org.apache.pekko.stream.javadsl.Keep;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;
import org.apache.pekko.stream.javadsl.Tcp;
import org.apache.pekko.util.ByteString;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A follower's connection to its leader, and a candidate's to whom it catches up with. It ends by
 * itself when nothing was heard for a while; what is sent then is lost. Safe from any thread.
 */
final class LeaderLink {
  private static final Logger LOG = LoggerFactory.getLogger(LeaderLink.class);

  /** More than a follower says before the leader has to answer. */
  private static final int UNSENT_MAX = 32;

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  private final Hello hello;
  private final OutgoingFrames out;

  /**
   * Connects; what is sent meanwhile is kept.
   *
   * @param silenceMax after how long of silence the connection is taken for dead
   * @param received told what the leader sends, whole and checked; on a thread of the stream
   */
  LeaderLink(
      ActorSystem<?> system,
      InetSocketAddress address,
      Hello hello,
      int frameBytesMax,
      Duration silenceMax,
      Consumer<Fetched> received) {
    this.hello = hello;
    Source<ByteString, BoundedSourceQueue<ByteString>> toBeSent = Source.queue(UNSENT_MAX);
    Pair<BoundedSourceQueue<ByteString>, CompletionStage<Done>> running =
        Source.single(ReplicationWire.encode(hello))
            .concatMat(toBeSent, Keep.right())
            .via(
                Tcp.get(system)
                    .outgoingConnection(
                        address,
                        Optional.empty(),
                        List.of(TcpSO.tcpNoDelay(true)),
                        true,
                        Optional.of(CONNECT_TIMEOUT),
                        Optional.empty()))
            .idleTimeout(silenceMax)
            .via(ReplicationWire.framing(frameBytesMax))
            .filterNot(ReplicationWire::isAlive)
            .map(ReplicationWire::decodeFromLeader)
            .toMat(Sink.foreach(received::accept), Keep.both())
            .run(system);
    this.out = new OutgoingFrames(running.first());
    running.second().whenComplete((done, failure) -> ended(address, failure));
  }

  private void ended(InetSocketAddress address, Throwable failure) {
    out.close();
    if (failure != null) {
      LOG.debug("the connection of {} to {} at {} ended", hello, hello.leader(), address, failure);
    }
  }

  Hello hello() {
    return hello;
  }

  boolean isOpen() {
    return out.isOpen();
  }

  void send(ByteString frame) {
    out.send(frame);
  }

  void close() {
    out.close();
  }
}

package io.sampo.cluster.replication;

import static io.sampo.cluster.replication.ReplicaGroup.SOON;
import static io.sampo.cluster.replication.ReplicaGroup.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.sampo.cluster.protocol.ReplicaId;
import io.sampo.cluster.protocol.ReplicaMessage;
import io.sampo.cluster.replication.ReplicaGroup.Node;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Messages and connections that come from where they shouldn't. */
class ReplicaStrangersTest extends ThreeReplicas {
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
}

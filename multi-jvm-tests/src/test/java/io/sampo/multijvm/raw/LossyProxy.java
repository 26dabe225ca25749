package io.sampo.multijvm.raw;

import io.sampo.multijvm.harness.NodeProcess;
import io.sampo.multijvm.harness.PortLease;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Stands between clients and a node and loses answers when it is told to, though the node has
 * carried out the request. Clients come through its name-server port; in the routes that they get
 * the node's broker is this proxy. Reads JSON headers only, which is what official clients write.
 */
public final class LossyProxy implements AutoCloseable {
  private static final Pattern CODE = Pattern.compile("\"code\":(\\d+)");
  private static final Pattern OPAQUE = Pattern.compile("\"opaque\":(\\d+)");

  /** What becomes of the connection whose answer is lost. */
  public enum Loss {
    /** It is reset, as when the other side is gone. */
    CONNECTION_TOO,
    /** It lives, and the client waits until its time is over. */
    ANSWER_ONLY
  }

  /** Answers to lose: to the next request of the code. */
  private record Order(int code, Loss loss, Runnable before) {}

  private final NodeProcess node;
  private final PortLease nameServerPort = PortLease.take();
  private final PortLease brokerPort = PortLease.take();
  private final ServerSocket nameServer;
  private final ServerSocket broker;
  private final AtomicReference<@Nullable Order> order = new AtomicReference<>();
  private final AtomicInteger lost = new AtomicInteger();
  private final Map<Long, Integer> requests = new ConcurrentHashMap<>();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  /** Held for writing while something is done to the node; no connection is made meanwhile. */
  private final ReadWriteLock nodeIsThere = new ReentrantReadWriteLock();

  private LossyProxy(NodeProcess node) throws IOException {
    this.node = node;
    this.nameServer = listen(nameServerPort);
    this.broker = listen(brokerPort);
    run("proxy-name-server", () -> accept(nameServer, node.nameServerPort()));
    run("proxy-broker", () -> accept(broker, node.brokerPort()));
  }

  /** A proxy in front of a node, which may be killed and started again meanwhile. */
  public static LossyProxy before(NodeProcess node) {
    try {
      return new LossyProxy(node);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What clients connect to, host:port. */
  public String nameServer() {
    return "127.0.0.1:" + nameServerPort.port();
  }

  /** Loses the answer to the next request of a code. */
  public void loseNext(int code, Loss loss) {
    loseNext(code, loss, () -> {});
  }

  /**
   * Loses the answer to the next request of a code.
   *
   * @param before done when the node has answered and the client doesn't know it yet
   */
  public void loseNext(int code, Loss loss, Runnable before) {
    order.set(new Order(code, loss, before));
  }

  /** How many answers were lost so far. */
  public int lost() {
    return lost.get();
  }

  /** How many requests of a code came so far. */
  public int requests(int code) {
    return requests.getOrDefault((long) code, 0);
  }

  private static ServerSocket listen(PortLease port) throws IOException {
    return new ServerSocket(port.port(), 50, InetAddress.getLoopbackAddress());
  }

  private void accept(ServerSocket server, int nodePort) {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        sockets.add(client);
        run("proxy-client", () -> connect(client, nodePort));
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void connect(Socket client, int nodePort) {
    nodeIsThere.readLock().lock();
    try {
      Link link = new Link(client, new Socket(InetAddress.getLoopbackAddress(), nodePort));
      sockets.add(link.toNode);
      run("proxy-answers", link::passAnswers);
      run("proxy-requests", link::passRequests);
    } catch (IOException e) {
      close(client);
    } finally {
      nodeIsThere.readLock().unlock();
    }
  }

  private static void run(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  private static void close(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try (nameServerPort;
        brokerPort;
        nameServer;
        broker) {
      sockets.forEach(LossyProxy::close);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One client's connection and ours to the node for it. */
  private final class Link {
    private final Socket toClient;
    private final Socket toNode;
    private volatile @Nullable Order taken;
    private volatile long lostOpaque = -1;

    Link(Socket toClient, Socket toNode) {
      this.toClient = toClient;
      this.toNode = toNode;
    }

    void passRequests() {
      try {
        DataInputStream in = new DataInputStream(toClient.getInputStream());
        OutputStream out = toNode.getOutputStream();
        while (true) {
          byte[] frame = readFrame(in);
          long code = number(CODE, frame);
          requests.merge(code, 1, Integer::sum);
          Order wanted = order.get();
          if (wanted != null && code == wanted.code() && order.compareAndSet(wanted, null)) {
            taken = wanted;
            lostOpaque = number(OPAQUE, frame);
          }
          out.write(frame);
        }
      } catch (IOException e) {
        close(toClient);
        close(toNode);
      }
    }

    void passAnswers() {
      try {
        DataInputStream in = new DataInputStream(toNode.getInputStream());
        OutputStream out = toClient.getOutputStream();
        while (true) {
          byte[] frame = readFrame(in);
          Order wanted = taken;
          if (wanted == null || number(OPAQUE, frame) != lostOpaque) {
            out.write(throughThis(frame));
          } else if (lose(wanted)) {
            toClient.setSoLinger(true, 0); // makes it a reset
            break;
          }
        }
      } catch (IOException e) {
        // closed by either side
      }
      close(toClient);
      close(toNode);
    }

    /** True when the connection ends with the answer. */
    private boolean lose(Order wanted) {
      taken = null;
      nodeIsThere.writeLock().lock();
      try {
        wanted.before().run();
      } finally {
        nodeIsThere.writeLock().unlock();
      }
      lost.incrementAndGet();
      return wanted.loss() == Loss.CONNECTION_TOO;
    }

    /** All leased ports have five digits, so no length changes. */
    private byte[] throughThis(byte[] frame) {
      String text = new String(frame, StandardCharsets.ISO_8859_1);
      return text.replace("127.0.0.1:" + node.brokerPort(), "127.0.0.1:" + brokerPort.port())
          .getBytes(StandardCharsets.ISO_8859_1);
    }

    private byte[] readFrame(DataInputStream in) throws IOException {
      int length = in.readInt();
      byte[] frame = new byte[4 + length];
      ByteBuffer.wrap(frame).putInt(length);
      in.readFully(frame, 4, length);
      return frame;
    }

    private long number(Pattern pattern, byte[] frame) {
      int headerBytes = ByteBuffer.wrap(frame).getInt(4) & 0xff_ffff;
      Matcher matcher = pattern.matcher(new String(frame, 8, headerBytes, StandardCharsets.UTF_8));
      if (!matcher.find()) {
        throw new AssertionError("a header without " + pattern);
      }
      return Long.parseLong(matcher.group(1));
    }
  }
}

package io.sampo.multijvm.raw;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A socket to a node on which a test says exactly the bytes it wants to and sees exactly what comes
 * back, a closed connection included. Used by one thread.
 */
public final class RawConnection implements AutoCloseable {
  private static final int ANSWER_LIMIT_MILLIS = 10_000;
  private static final byte[] NO_BODY = {};

  private final Socket socket;
  private final DataInputStream in;
  private int opaque;

  private RawConnection(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(socket.getInputStream());
  }

  /** Connects to a port of this machine. */
  public static RawConnection open(int port) {
    return open(port, 0);
  }

  /** Connects to a port of an address. */
  public static RawConnection open(String host, int port) {
    return open(new InetSocketAddress(host, port), 0);
  }

  /**
   * Connects with a small window, so that a client which does not read is felt soon.
   *
   * @param receiveBuffer bytes, 0 for the system's choice
   */
  public static RawConnection open(int port, int receiveBuffer) {
    return open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), receiveBuffer);
  }

  private static RawConnection open(InetSocketAddress address, int receiveBuffer) {
    try {
      Socket socket = new Socket();
      if (receiveBuffer > 0) {
        socket.setReceiveBufferSize(receiveBuffer);
      }
      socket.connect(address, 5_000);
      socket.setTcpNoDelay(true);
      return new RawConnection(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Says these bytes. */
  public void write(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a request and waits for its answer. */
  public RawResponse call(int code, Map<String, String> fields) {
    return call(code, fields, NO_BODY);
  }

  /** Sends a request with a body and waits for its answer. */
  public RawResponse call(int code, Map<String, String> fields, byte[] body) {
    int asked = send(code, fields, body);
    RawResponse answer =
        read(Duration.ofMillis(ANSWER_LIMIT_MILLIS))
            .orElseThrow(() -> new AssertionError("no answer to code " + code));
    if (answer.opaque() != asked) {
      throw new AssertionError("asked " + asked + ", got the answer to " + answer.opaque());
    }
    return answer;
  }

  /** Sends a request and returns its number without waiting. */
  public int send(int code, Map<String, String> fields, byte[] body) {
    write(RawFrame.request(code, ++opaque, fields, body));
    return opaque;
  }

  /**
   * The next answer, or nothing when none begins in this time.
   *
   * @throws UncheckedIOException when the connection ends instead
   */
  public Optional<RawResponse> read(Duration limit) {
    try {
      socket.setSoTimeout(Math.max(1, (int) limit.toMillis()));
      int length;
      try {
        length = in.readInt();
      } catch (SocketTimeoutException nothingCame) {
        return Optional.empty();
      }
      socket.setSoTimeout(ANSWER_LIMIT_MILLIS);
      byte[] frame = new byte[length];
      in.readFully(frame);
      return Optional.of(RawResponse.parse(frame));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Whether the other side ends the connection in this time without saying anything before.
   *
   * @throws AssertionError when it answers instead
   */
  public boolean isClosedWithin(Duration limit) {
    try {
      return read(limit)
          .map(
              answer -> {
                throw new AssertionError("expected a closed connection, got " + answer);
              })
          .isPresent();
    } catch (UncheckedIOException e) {
      if (e.getCause() instanceof EOFException || e.getCause() instanceof SocketException) {
        return true;
      }
      throw e;
    }
  }

  public Socket socket() {
    return socket;
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

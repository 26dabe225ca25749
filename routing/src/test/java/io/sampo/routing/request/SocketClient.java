package io.sampo.routing.request;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sampo.routing.net.TestClient;
import io.sampo.wire.CommandCodec;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.RemotingCommand;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;

/** A client with a real socket, which sends and reads one thing after the other. */
final class SocketClient implements AutoCloseable {
  private final Socket socket;

  SocketClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(30_000);
  }

  String address() {
    return socket.getInetAddress().getHostAddress() + ":" + socket.getLocalPort();
  }

  void send(int opaque, int code, boolean oneway, CommandHeader header, String body)
      throws IOException {
    ByteBuf frame =
        TestClient.frame(HeaderCodec.JSON, opaque, code, oneway, header, body.getBytes(UTF_8));
    socket.getOutputStream().write(frame.array(), 0, frame.readableBytes());
    frame.release();
  }

  /** Answers a request of the node. */
  void answer(RemotingCommand request, int code, String body) throws IOException {
    ByteBuf frame = Unpooled.buffer();
    CommandCodec.encodeResponse(
        frame, HeaderCodec.JSON, request.opaque(), code, null, CommandHeader.NONE, body.length());
    frame.writeBytes(body.getBytes(UTF_8));
    socket.getOutputStream().write(frame.array(), 0, frame.readableBytes());
    frame.release();
  }

  byte[] frame() throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    return in.readNBytes(in.readInt());
  }

  /** What the node says next, also a request. */
  RemotingCommand answer() throws IOException {
    byte[] frame = frame();
    return CommandCodec.decode(Unpooled.wrappedBuffer(frame), 0, frame.length);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

package io.sampo.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sampo.wire.CommandCodec;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.RemotingCommand;
import io.sampo.wire.RequestCode;
import io.sampo.wire.ResponseCode;
import io.sampo.wire.body.TopicRouteData;
import io.sampo.wire.header.OffsetResponseHeader;
import io.sampo.wire.header.QueueRequestHeader;
import io.sampo.wire.header.RouteRequestHeader;
import io.sampo.wire.header.SendRequestHeader;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.HashMap;
import java.util.Map;

/**
 * Asks brokers what Sampo's client doesn't ask: it makes topics with a given number of queues, and
 * counts what queues hold. One question at a time over plain sockets; nothing here is measured.
 */
final class BrokerCalls implements AutoCloseable {
  private static final int TIMEOUT_MS = 10_000;
  private static final String TEMPLATE_TOPIC = "TBW102";

  private final String nameServer;
  private final Map<String, Socket> sockets = new HashMap<>();

  BrokerCalls(String nameServer) {
    this.nameServer = nameServer;
  }

  /** Sends a message to a topic that doesn't exist, which makes it. */
  void openTopic(String topic, int queues, byte[] body) throws IOException {
    SendRequestHeader header =
        new SendRequestHeader(
            "bench-opener",
            topic,
            TEMPLATE_TOPIC,
            queues,
            0,
            0,
            System.currentTimeMillis(),
            0,
            null,
            0,
            false,
            -1,
            false,
            null);
    String broker = broker(route(TEMPLATE_TOPIC));
    ask(broker, RequestCode.SEND_MESSAGE_V2, header, body).release();
  }

  /** How many messages the topic's queues have ever held. */
  long storedMessages(String topic) throws IOException {
    TopicRouteData route = route(topic);
    long stored = 0;
    for (int queue = 0; queue < route.queues().get(0).readQueues(); queue++) {
      RemotingCommand answer =
          ask(
              broker(route),
              RequestCode.GET_MAX_OFFSET,
              new QueueRequestHeader(topic, queue),
              new byte[0]);
      stored += OffsetResponseHeader.read(answer.fields()).offset();
      answer.release();
    }
    return stored;
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : sockets.values()) {
      socket.close();
    }
  }

  private TopicRouteData route(String topic) throws IOException {
    RemotingCommand answer =
        ask(
            nameServer,
            RequestCode.GET_ROUTEINFO_BY_TOPIC,
            new RouteRequestHeader(topic),
            new byte[0]);
    try {
      return TopicRouteData.fromJson(answer.body());
    } finally {
      answer.release();
    }
  }

  /** The leader of the only broker there is. */
  private static String broker(TopicRouteData route) throws IOException {
    String address = route.brokers().get(0).addresses().get(0L);
    if (address == null) {
      throw new IOException("the broker has no leader");
    }
    return address;
  }

  private RemotingCommand ask(String address, int code, CommandHeader header, byte[] body)
      throws IOException {
    Socket socket = sockets.get(address);
    if (socket == null) {
      String[] hostAndPort = address.split(":", -1);
      socket = new Socket(hostAndPort[0], Integer.parseInt(hostAndPort[1]));
      socket.setSoTimeout(TIMEOUT_MS);
      socket.setTcpNoDelay(true);
      sockets.put(address, socket);
    }
    ByteBuf frame = Unpooled.buffer();
    CommandCodec.encodeRequest(frame, HeaderCodec.JSON, 1, code, false, header, body.length);
    frame.writeBytes(body);
    socket.getOutputStream().write(frame.array(), 0, frame.readableBytes());
    DataInputStream in = new DataInputStream(socket.getInputStream());
    byte[] answer = in.readNBytes(in.readInt());
    RemotingCommand decoded = CommandCodec.decode(Unpooled.wrappedBuffer(answer), 0, answer.length);
    if (decoded.code() != ResponseCode.SUCCESS) {
      throw new IOException(
          address + " answered " + code + " with " + decoded.code() + ": " + decoded.remark());
    }
    return decoded;
  }
}

package io.sampo.routing.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import io.sampo.routing.net.ClientReply.Answered;
import io.sampo.routing.net.ClientReply.Unanswered;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.RemotingCommand;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The questions of the node to one client that wait for their answers. Event loop only. Every
 * receiver is told once: of the answer, or that none came in time, or that the connection closed.
 */
final class ClientQuestions {
  /** Tools ask such questions, so few are enough; each may hold a whole message. */
  private static final int UNDER_WAY_MAX = 16;

  private record Waiting(Consumer<ClientReply> receiver, Future<?> timer) {}

  private final EventLoop loop;
  private final Consumer<Outgoing> sender;
  private final Map<Integer, Waiting> underWay = new HashMap<>();

  /**
   * @param sender takes what is to be written to the client
   */
  ClientQuestions(EventLoop loop, Consumer<Outgoing> sender) {
    this.loop = loop;
    this.sender = sender;
  }

  /**
   * Asks the client.
   *
   * @param body taken over
   */
  void ask(
      int code,
      CommandHeader header,
      ByteBuf body,
      Duration limit,
      Consumer<ClientReply> receiver) {
    if (underWay.size() >= UNDER_WAY_MAX) {
      body.release();
      receiver.accept(Unanswered.TOO_MANY);
      return;
    }
    int opaque = FrameBatch.nextOpaque();
    Future<?> timer =
        loop.schedule(
            () -> end(opaque, Unanswered.TOO_LATE), limit.toMillis(), TimeUnit.MILLISECONDS);
    underWay.put(opaque, new Waiting(receiver, timer));
    sender.accept(new Question(opaque, code, header, body));
  }

  /** A response came; one that nobody waits for is ignored. */
  void onResponse(RemotingCommand response) {
    end(
        response.opaque(),
        new Answered(response.code(), response.remark(), ByteBufUtil.getBytes(response.body())));
  }

  /** The connection closed. */
  void close() {
    Iterator<Waiting> all = underWay.values().iterator();
    while (all.hasNext()) {
      Waiting waiting = all.next();
      all.remove();
      waiting.timer.cancel(false);
      waiting.receiver.accept(Unanswered.CLOSED);
    }
  }

  private void end(int opaque, ClientReply reply) {
    @Nullable Waiting waiting = underWay.remove(opaque);
    if (waiting != null) {
      waiting.timer.cancel(false);
      waiting.receiver.accept(reply);
    }
  }

  /** The request as it is written. */
  private static final class Question extends Outgoing {
    private final int opaque;
    private final int code;
    private final CommandHeader header;
    private final ByteBuf body;

    Question(int opaque, int code, CommandHeader header, ByteBuf body) {
      this.opaque = opaque;
      this.code = code;
      this.header = header;
      this.body = body;
    }

    @Override
    void write(FrameBatch frames) {
      frames.request(opaque, code, header, body);
    }

    /** Who waits is told by {@link #close}. */
    @Override
    void discard() {
      body.release();
    }
  }
}

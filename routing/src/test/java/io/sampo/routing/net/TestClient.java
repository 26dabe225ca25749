package io.sampo.routing.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sampo.wire.CommandCodec;
import io.sampo.wire.CommandHeader;
import io.sampo.wire.FrameBudget;
import io.sampo.wire.FrameDecoder;
import io.sampo.wire.HeaderCodec;
import io.sampo.wire.HeaderFields;
import io.sampo.wire.RemotingCommand;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client whose connection is an {@link EmbeddedChannel}: what a server's pipeline is, without a
 * socket and on the test's own thread. Remembers every buffer that it sent, so that a test can see
 * that all were given back.
 */
public final class TestClient implements AutoCloseable {
  private final EmbeddedChannel channel;
  private final Flushes flushes = new Flushes();
  private final List<ByteBuf> sent = new ArrayList<>();
  private int nextOpaque = 1;

  /** What the server said. */
  public record Answer(
      int code,
      int opaque,
      boolean isResponse,
      boolean isOneway,
      @Nullable String remark,
      HeaderFields fields,
      byte[] body) {
    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /** Counts what reaches the transport. */
  private static final class Flushes extends ChannelOutboundHandlerAdapter {
    private int count;

    @Override
    public void flush(ChannelHandlerContext context) {
      count++;
      context.flush();
    }
  }

  public TestClient(PortRole role, NetSettings settings, Session.Factory sessions) {
    this(role, settings, sessions, new HeldBytes(settings.limits().heldBytes()));
  }

  TestClient(PortRole role, NetSettings settings, Session.Factory sessions, HeldBytes held) {
    this(role, settings, sessions, held, new AnswerMemory(settings.limits().allWriteMemoryBytes()));
  }

  TestClient(
      PortRole role,
      NetSettings settings,
      Session.Factory sessions,
      HeldBytes held,
      AnswerMemory answers) {
    channel = new EmbeddedChannel();
    channel.freezeTime();
    channel
        .config()
        .setWriteBufferWaterMark(
            new WriteBufferWaterMark(
                settings.limits().writeHighBytes() / 2, settings.limits().writeHighBytes()));
    channel
        .pipeline()
        .addLast(flushes)
        .addLast(
            new FrameDecoder(
                settings.limits().frameBytes(), new FrameBudget(settings.limits().heldBytes())))
        .addLast(
            new ConnectionHandler(
                role,
                settings,
                held,
                answers,
                sessions,
                new Connections(settings.connectionsMax())));
    // An embedded channel is active before its handlers are there.
    channel.pipeline().fireChannelActive();
  }

  public EmbeddedChannel channel() {
    return channel;
  }

  /** Sends a request that wants an answer; gives its opaque number. */
  public int send(int code, CommandHeader header, byte[] body) {
    int opaque = nextOpaque++;
    write(frame(HeaderCodec.JSON, opaque, code, false, header, body));
    return opaque;
  }

  public int send(int code, CommandHeader header) {
    return send(code, header, new byte[0]);
  }

  /** Sends a request as a 4.9 client does. */
  public int sendAsOlderClient(int code, CommandHeader header) {
    int opaque = nextOpaque++;
    ByteBuf frame = frame(HeaderCodec.JSON, opaque, code, false, header, new byte[0]);
    String version = "\"version\":";
    int at = frame.toString(StandardCharsets.ISO_8859_1).indexOf(version + CommandCodec.VERSION);
    assertThat(at).isPositive();
    frame.setCharSequence(at + version.length(), "409", StandardCharsets.ISO_8859_1);
    write(frame);
    return opaque;
  }

  /** Lets time pass for the server. */
  public void millisPass(int millis) {
    for (int passed = 0; passed < millis; passed++) {
      channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
      channel.runScheduledPendingTasks();
      channel.runPendingTasks();
    }
  }

  /** Sends requests in one piece, as one read. */
  public void sendTogether(int count, int code, CommandHeader header) {
    ByteBuf all = Unpooled.buffer();
    for (int i = 0; i < count; i++) {
      ByteBuf frame = frame(HeaderCodec.JSON, nextOpaque++, code, false, header, new byte[0]);
      all.writeBytes(frame);
      frame.release();
    }
    write(all);
  }

  /** Sends a request that wants no answer. */
  public void sendOneway(int code, CommandHeader header, byte[] body) {
    write(frame(HeaderCodec.JSON, nextOpaque++, code, true, header, body));
  }

  /** Sends bytes as they are; they are taken over. */
  public void write(ByteBuf bytes) {
    sent.add(bytes);
    channel.writeInbound(bytes);
  }

  /** A whole frame. */
  public static ByteBuf frame(
      HeaderCodec codec, int opaque, int code, boolean oneway, CommandHeader header, byte[] body) {
    ByteBuf frame = Unpooled.buffer();
    CommandCodec.encodeRequest(frame, codec, opaque, code, oneway, header, body.length);
    return frame.writeBytes(body);
  }

  /** Runs what other threads left for the event loop. */
  public void runTasks() {
    channel.runPendingTasks();
  }

  /** Lets time pass for the server. */
  public void timePasses(long seconds) {
    for (long passed = 0; passed < seconds; passed++) {
      channel.advanceTimeBy(1, TimeUnit.SECONDS);
      channel.runScheduledPendingTasks();
      channel.runPendingTasks();
    }
  }

  /** The one answer that is there. */
  public Answer answer() {
    List<Answer> answers = answers();
    assertThat(answers).as("answers").hasSize(1);
    return answers.get(0);
  }

  /** All answers that are there, in order. */
  public List<Answer> answers() {
    runTasks();
    ByteBuf received = Unpooled.buffer();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      received.writeBytes(part);
      part.release();
    }
    List<Answer> answers = new ArrayList<>();
    while (received.isReadable()) {
      int frameBytes = received.readInt();
      RemotingCommand command = CommandCodec.decode(received, received.readerIndex(), frameBytes);
      received.skipBytes(frameBytes);
      byte[] body = new byte[command.body().readableBytes()];
      command.body().getBytes(command.body().readerIndex(), body);
      answers.add(
          new Answer(
              command.code(),
              command.opaque(),
              command.isResponse(),
              command.isOneway(),
              command.remark(),
              command.fields(),
              body));
      command.release();
    }
    received.release();
    return answers;
  }

  /** Writes reached the transport so often. */
  public int flushCount() {
    return flushes.count;
  }

  /** Closes the connection. */
  @Override
  public void close() {
    channel.finishAndReleaseAll();
  }

  /** Every byte that the server received was given back. */
  public void assertNothingLeaked() {
    runTasks();
    assertThat(sent).allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero());
  }
}

package io.sampo.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames cut out of a stream, and what happens to a stream that has none. */
class FrameDecoderTest {
  private static final int FRAME_BYTES_MAX = 16 * 1024 * 1024;
  private static final String JSON =
      "{\"code\":310,\"extFields\":{\"b\":\"T\",\"e\":\"3\"},\"flag\":0,\"language\":\"JAVA\","
          + "\"opaque\":5,\"version\":479}";

  /** Counts what it has given out, so that a leak is a failed test and not a line in a log. */
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);

  private final FrameBudget budget = new FrameBudget(64 * 1024 * 1024);
  private final EmbeddedChannel channel = channel(budget);

  private EmbeddedChannel channel(FrameBudget shared) {
    EmbeddedChannel made = new EmbeddedChannel(new FrameDecoder(FRAME_BYTES_MAX, shared));
    made.config().setAllocator(allocator);
    return made;
  }

  @AfterEach
  void nothingStaysBehind() {
    channel.finishAndReleaseAll();
    assertThat(budget.reservedBytes()).isZero();
    assertThat(allocator.metric().usedDirectMemory()).isZero();
    assertThat(allocator.metric().usedHeapMemory()).isZero();
  }

  private ByteBuf direct(ByteBuf bytes) {
    ByteBuf copy = allocator.directBuffer().writeBytes(bytes);
    bytes.release();
    return copy;
  }

  private static ByteBuf frame(int headerWord, byte[] rest) {
    return Unpooled.buffer().writeInt(4 + rest.length).writeInt(headerWord).writeBytes(rest);
  }

  private static ByteBuf command(HeaderCodec codec, int opaque, int bodyBytes) {
    ByteBuf frame = Unpooled.buffer();
    CommandHeader header = out -> out.field("b", "Topic").field("i", "a\1b\2").field("e", opaque);
    CommandCodec.encodeRequest(frame, codec, opaque, 310, false, header, bodyBytes);
    for (int i = 0; i < bodyBytes; i++) {
      frame.writeByte(opaque + i);
    }
    return frame;
  }

  private void expectCommand(int opaque, int bodyBytes) {
    RemotingCommand command = channel.readInbound();
    assertThat(command).isNotNull();
    assertThat(command.opaque()).isEqualTo(opaque);
    assertThat(command.fields().int32("e")).isEqualTo(opaque);
    assertThat(command.fields().findUtf8("i")).isEqualTo("a\1b\2".getBytes(UTF_8));
    assertThat(command.body().readableBytes()).isEqualTo(bodyBytes);
    for (int i = 0; i < bodyBytes; i++) {
      assertThat(command.body().getByte(i)).isEqualTo((byte) (opaque + i));
    }
    command.release();
  }

  private void expectRefused(ByteBuf bytes, String reason) {
    ByteBuf in = direct(bytes);
    assertThatThrownBy(() -> channel.writeInbound(in))
        .isInstanceOf(FrameException.class)
        .hasMessageContaining(reason);
    assertThat(in.refCnt()).isZero();
    assertThat(channel.isOpen()).isFalse();
    assertThat(channel.<@Nullable Object>readInbound()).isNull();
  }

  @ParameterizedTest
  @EnumSource
  void allFramesOfOneReadComeOutWithoutACopy(HeaderCodec codec) {
    ByteBuf read = allocator.directBuffer();
    for (int i = 0; i < 20; i++) {
      ByteBuf frame = command(codec, i, i);
      read.writeBytes(frame);
      frame.release();
    }
    read.retain();
    channel.writeInbound(read);

    List<RemotingCommand> commands = new ArrayList<>();
    for (RemotingCommand c = channel.readInbound(); c != null; c = channel.readInbound()) {
      commands.add(c);
    }
    assertThat(commands).hasSize(20);
    for (int i = 0; i < 20; i++) {
      assertThat(commands.get(i).opaque()).isEqualTo(i);
      assertThat(commands.get(i).body().readableBytes()).isEqualTo(i);
      if (i > 0) {
        assertThat(commands.get(i).body().memoryAddress())
            .isBetween(read.memoryAddress(), read.memoryAddress() + read.capacity());
      }
      commands.get(i).release();
    }
    assertThat(read.refCnt()).isEqualTo(1);
    read.release();
  }

  @ParameterizedTest
  @EnumSource
  void framesThatArriveByteByByteComeOutWhole(HeaderCodec codec) {
    for (int i = 0; i < 4; i++) {
      ByteBuf frame = command(codec, i, 50 * i);
      while (frame.readableBytes() > 1) {
        channel.writeInbound(direct(frame.readBytes(1)));
        assertThat(channel.<@Nullable Object>readInbound()).isNull();
      }
      channel.writeInbound(direct(frame.readBytes(1)));
      frame.release();
      expectCommand(i, 50 * i);
      assertThat(budget.reservedBytes()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void howTheStreamIsCutMakesNoDifference(HeaderCodec codec) {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 100; round++) {
      ByteBuf stream = Unpooled.buffer();
      int frames = 1 + random.nextInt(8);
      int[] bodies = new int[frames];
      for (int i = 0; i < frames; i++) {
        bodies[i] = random.nextInt(random.nextBoolean() ? 20 : 3000);
        ByteBuf frame = command(codec, i, bodies[i]);
        stream.writeBytes(frame);
        frame.release();
      }
      while (stream.isReadable()) {
        int piece = Math.min(stream.readableBytes(), 1 + random.nextInt(1500));
        channel.writeInbound(direct(stream.readBytes(piece)));
      }
      stream.release();
      for (int i = 0; i < frames; i++) {
        RemotingCommand command = channel.readInbound();
        assertThat(command).as("seed %d", seed).isNotNull();
        assertThat(command.opaque()).as("seed %d", seed).isEqualTo(i);
        assertThat(command.body().readableBytes()).as("seed %d", seed).isEqualTo(bodies[i]);
        for (int at = 0; at < bodies[i]; at++) {
          if (command.body().getByte(at) != (byte) (i + at)) {
            throw new AssertionError("seed " + seed + ": body differs at " + at);
          }
        }
        command.release();
      }
      assertThat(channel.<@Nullable Object>readInbound()).isNull();
      assertThat(budget.reservedBytes()).isZero();
    }
  }

  @Test
  void aLengthReservesNoMemoryBeforeItsBytesArrive() {
    channel.writeInbound(
        direct(Unpooled.buffer().writeInt(FRAME_BYTES_MAX).writeInt(JSON.length())));

    assertThat(budget.reservedBytes()).isBetween(1L, 1024L);

    int arrived = 8;
    for (int i = 0; i < 20; i++) {
      channel.writeInbound(direct(Unpooled.buffer().writeZero(10_000)));
      arrived += 10_000;
      assertThat(budget.reservedBytes()).isLessThanOrEqualTo(2L * arrived);
    }
  }

  @Test
  void aConnectionThatEndsWithinAFrameLeavesNothing() {
    channel.writeInbound(direct(Unpooled.buffer().writeInt(1000).writeInt(100).writeZero(500)));
    assertThat(budget.reservedBytes()).isPositive();

    channel.close().syncUninterruptibly();

    assertThat(budget.reservedBytes()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 1, 3, FRAME_BYTES_MAX + 1, Integer.MAX_VALUE})
  void anImpossibleLengthEndsTheConnectionAsSoonAsItIsThere(int length) {
    expectRefused(Unpooled.buffer().writeInt(length), "a frame of " + length);
  }

  @Test
  void anImpossibleHeadEndsTheConnectionBeforeTheRestArrives() {
    expectRefused(Unpooled.buffer().writeInt(1000).writeInt(2 << 24 | 10), "codec 2");
  }

  @Test
  void aHeaderThatNoClientSendsEndsTheConnectionBeforeItArrives() {
    int header = 4 * 1024 * 1024 + 1;
    expectRefused(Unpooled.buffer().writeInt(header + 4).writeInt(header), "a header of " + header);
  }

  @Test
  void aHeaderThatReachesOutOfItsFrameEndsTheConnection() {
    expectRefused(frame(11, new byte[10]), "a header of 11 bytes");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "[]",
        "5",
        "\"a\"",
        "{",
        "{\"code\"}",
        "{\"code\":}",
        "{\"code\":1",
        "{\"a\":1,}",
        "{\"a\":\"b}",
        "{\"a\":\"\\q\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\u12",
        "{\"a\":\"\\",
        "{\"code\":\"x\"}",
        "{\"code\":99999999999}",
        "{\"code\":{}}",
        "{\"opaque\":1.5}",
        "{\"a\":nul}",
        "{\"a\":tru}",
        "{} {}",
        "{}x",
        "{,}",
        "{\"a\" 1}",
        "{a:1}",
        "{\"a\":[1 2]}",
        "{\"extFields\":{\"a\":\"b\"}",
        "\u0000",
        "GET / HTTP/1.1"
      })
  void aHeaderThatIsNotJsonEndsTheConnection(String header) {
    byte[] bytes = header.getBytes(UTF_8);
    expectRefused(frame(bytes.length, bytes), "header");
  }

  @Test
  void tooDeepAndTooManyAreRefused() {
    byte[] deep = ("{\"a\":" + "[".repeat(100_000)).getBytes(UTF_8);
    expectRefused(frame(deep.length, deep), "deeper");

    StringBuilder many = new StringBuilder("{\"extFields\":{\"a\":1");
    for (int i = 0; i < 256; i++) {
      many.append(",\"a").append(i).append("\":1");
    }
    byte[] bytes = many.append("}}").toString().getBytes(UTF_8);
    ByteBuf frame = frame(bytes.length, bytes);
    assertThatThrownBy(() -> CommandCodec.decode(frame, 4, frame.getInt(0)))
        .isInstanceOf(FrameException.class)
        .hasMessageContaining("more than 256");
  }

  @Test
  void theJsonOfOtherClientsIsUnderstood() {
    String header =
        " {\n\t\"unknown\" : {\"x\":[1,{\"y\":null}],\"e\":[],\"o\":{}} , \"code\":\"11\","
            + "\"flag\" : 2,\r\n\"extFields\":{\"n\":5,\"t\":true,\"nil\":null,\"nested\":{\"a\":1},"
            + "\"\\u0065sc\":\"\\u00e9\\ud83d\\ude00\\v\\/\\ud800\",\"float\":-1.5e+3},"
            + "\"language\":\"COBOL\",\"opaque\":-2147483648,\"remark\":null} \n";
    byte[] bytes = header.getBytes(UTF_8);
    channel.writeInbound(direct(frame(bytes.length, bytes)));

    RemotingCommand command = channel.readInbound();
    assertThat(command.code()).isEqualTo(11);
    assertThat(command.isOneway()).isTrue();
    assertThat(command.opaque()).isEqualTo(Integer.MIN_VALUE);
    assertThat(command.language()).isZero();
    assertThat(command.remark()).isNull();
    HeaderFields fields = command.fields();
    assertThat(fields.int64("n")).isEqualTo(5);
    assertThat(fields.bool("t", false)).isTrue();
    assertThat(fields.find("nil")).isNull();
    assertThat(fields.int32("nil", 7)).isEqualTo(7);
    assertThat(fields.find("nested")).isEqualTo("{\"a\":1}");
    assertThat(fields.find("esc")).isEqualTo("é😀\u000b/?");
    assertThat(fields.find("float")).isEqualTo("-1.5e+3");
    assertThatThrownBy(() -> fields.int64("float")).isInstanceOf(BadHeaderException.class);
    command.release();
  }

  @Test
  void aFieldThatIsNoNumberIsToldApartFromOneThatIsMissing() {
    HeaderFields fields =
        OfficialCommands.ownFieldsOf(
            out ->
                out.field("text", "x")
                    .field("empty", "")
                    .field("big", "9223372036854775808")
                    .field("long", 4294967296L)
                    .field("sign", "-")
                    .field("plus", "+12"),
            HeaderCodec.JSON);

    for (String bad : List.of("text", "empty", "big", "sign")) {
      assertThatThrownBy(() -> fields.int64(bad, 1))
          .isInstanceOf(BadHeaderException.class)
          .hasMessageContaining(bad + " is not a number");
    }
    assertThatThrownBy(() -> fields.int32("long")).hasMessageContaining("32-bit");
    assertThatThrownBy(() -> fields.int64("none")).hasMessageContaining("no field none");
    assertThatThrownBy(() -> fields.text("none")).hasMessageContaining("no field none");
    assertThat(fields.int64("long")).isEqualTo(1L << 32);
    assertThat(fields.int64("plus")).isEqualTo(12);
    assertThat(fields.int64("none", 3)).isEqualTo(3);
    assertThat(fields.bool("none", true)).isTrue();
  }

  @Test
  void aNameComesBackAsTheSameString() {
    HeaderFields first =
        OfficialCommands.ownFieldsOf(out -> out.field("b", "TopicA"), HeaderCodec.JSON);
    HeaderFields second =
        OfficialCommands.ownFieldsOf(out -> out.field("b", "TopicA"), HeaderCodec.ROCKETMQ);

    assertThat(first.name("b")).isEqualTo("TopicA").isSameAs(second.name("b"));
    assertThat(
            OfficialCommands.ownFieldsOf(out -> out.field("b", "größe"), HeaderCodec.JSON)
                .name("b"))
        .isEqualTo("größe");
  }

  @Test
  void garbageEndsInNothingButAFrameException() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 5_000; round++) {
      EmbeddedChannel one = channel(budget);
      try {
        while (one.isOpen() && random.nextInt(4) > 0) {
          one.writeInbound(direct(garbage(random)));
        }
      } catch (FrameException expected) {
        assertThat(one.isOpen()).as("seed %d", seed).isFalse();
      }
      for (RemotingCommand c = one.readInbound(); c != null; c = one.readInbound()) {
        readAll(c, seed);
        c.release();
      }
      one.finishAndReleaseAll();
      assertThat(budget.reservedBytes()).as("seed %d", seed).isZero();
    }
  }

  private static ByteBuf garbage(Random random) {
    ByteBuf bytes;
    if (random.nextInt(4) == 0) {
      byte[] raw = new byte[random.nextInt(200)];
      random.nextBytes(raw);
      bytes = Unpooled.buffer().writeBytes(raw);
    } else {
      HeaderCodec codec = random.nextBoolean() ? HeaderCodec.JSON : HeaderCodec.ROCKETMQ;
      bytes = command(codec, random.nextInt(1000), random.nextInt(100));
    }
    String structure = "{}[]\",:\\u0e-tfn ";
    for (int i = random.nextInt(4); i > 0 && bytes.isReadable(); i--) {
      int value =
          random.nextBoolean()
              ? random.nextInt()
              : structure.charAt(random.nextInt(structure.length()));
      // Mostly behind the lengths, so that the headers are reached.
      int from = random.nextInt(5) == 0 ? 0 : Math.min(8, bytes.readableBytes() - 1);
      bytes.setByte(from + random.nextInt(bytes.readableBytes() - from), value);
    }
    if (random.nextInt(6) == 0) {
      bytes.writerIndex(random.nextInt(bytes.readableBytes() + 1));
    }
    return bytes;
  }

  private static void readAll(RemotingCommand command, long seed) {
    try {
      assertThat(command.toString()).isNotEmpty();
      assertThat(command.remark()).isNotEqualTo("\uffff");
      for (String name : List.of("a", "b", "i")) {
        assertThat(command.fields().find(name)).isNotEqualTo("\uffff");
        assertThat(command.fields().findUtf8(name)).isNotEqualTo(new byte[1000]);
      }
      assertThat(command.fields().name("b")).as("seed %d", seed).isNotNull();
      assertThat(command.fields().int32("e")).isEqualTo(command.fields().int64("e"));
    } catch (BadHeaderException expected) {
      assertThat(expected).as("seed %d", seed).hasMessageContaining("the header");
    }
  }
}

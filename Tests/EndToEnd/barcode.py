"""A number burnt into a picture: 2 rows of 24 cells at its top, 40 bits of number and 8 of checksum, black and white.
It survives x264 down to 240 lines at 100 kbit/s, and a canvas in a browser can read it."""
import numpy

COLUMNS, ROWS = 24, 2

# Returns the number in a <video>'s present picture, or null; for a page, as text.
JAVASCRIPT = """
function readBarcode(video) {
  const columns = 24, rows = 2, width = 240, height = Math.round(width * video.videoHeight / video.videoWidth);
  const canvas = readBarcode.canvas ??= document.createElement('canvas');
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(video, 0, 0, width, height);
  const cell = width / columns, data = context.getImageData(0, 0, width, Math.ceil(cell * rows)).data;
  let all = 0n, sum = 0;
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) {
    const x = Math.floor((c + .5) * cell), y = Math.floor((r + .5) * cell);
    all = all << 1n | (data[(y * width + x) * 4 + 1] > 127 ? 1n : 0n);
  }
  const number = all >> 8n;
  for (let k = 0n; k < 40n; k += 8n) sum += Number(number >> k & 255n);
  return (sum & 255) === Number(all & 255n) ? Number(number) : null;
}
"""


def cells(number):
    """48 bits, first cell first."""
    number &= (1 << 40) - 1
    checksum = sum(number >> k & 255 for k in range(0, 40, 8)) & 255
    return [(number << 8 | checksum) >> k & 1 for k in range(47, -1, -1)]


def stamped(frame, width, height, number):
    """The yuv420p frame (a bytearray) with the number written over its top."""
    cell = width / COLUMNS
    across = [round(i * cell) for i in range(COLUMNS + 1)]
    down = [round(i * cell) & ~1 for i in range(ROWS + 1)]
    planes = numpy.frombuffer(frame, numpy.uint8)
    luma = planes[:width * height].reshape(height, width)
    for k, bit in enumerate(cells(number)):
        row, column = divmod(k, COLUMNS)
        luma[down[row]:down[row + 1], across[column]:across[column + 1]] = 215 if bit else 40
    quarter = width * height // 4
    for start in (width * height, width * height + quarter):
        planes[start:start + quarter].reshape(height // 2, width // 2)[:down[ROWS] // 2] = 128
    return frame


def read(luma):
    """The number in a picture's luma (rows by columns), or None."""
    height, width = luma.shape
    cell = width / COLUMNS
    bits = [luma[int((r + 0.5) * cell), int((c + 0.5) * cell)] > 127 for r in range(ROWS) for c in range(COLUMNS)]
    whole = sum(int(bit) << (47 - k) for k, bit in enumerate(bits))
    number = whole >> 8
    return number if sum(number >> k & 255 for k in range(0, 40, 8)) & 255 == whole & 255 else None

//! Places for things on the stage: trees, grids and flowing rows.

/// The distances that a layout keeps, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gaps {
    /// Between neighbours.
    pub across: f32,
    /// Between one row and the next.
    pub down: f32,
}

/// A box with boxes below it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    /// Width and height.
    pub size: [f32; 2],
    /// What hangs below it, from left to right.
    pub children: Vec<Tree>,
}

/// Where the boxes of some trees are.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Placed {
    /// The upper left corner of each box: a parent before its children, these from left to right.
    pub corners: Vec<[f32; 2]>,
    /// Width and height of all of it.
    pub size: [f32; 2],
}

/// Places trees side by side: boxes of one depth in one row, each parent centred above its children.
pub fn trees(roots: &[Tree], gaps: Gaps) -> Placed {
    let mut rows = Vec::new();
    roots.iter().for_each(|root| measure_rows(root, 0, &mut rows));
    let mut top = 0.0;
    let tops: Vec<f32> = rows
        .iter()
        .map(|height| {
            let here = top;
            top += height + gaps.down;
            here
        })
        .collect();
    let mut placed = Placed { corners: Vec::new(), size: [0.0, (top - gaps.down).max(0.0)] };
    let mut left = 0.0;
    for root in roots {
        place(root, left, 0, &tops, gaps, &mut placed.corners);
        left += span(root, gaps) + gaps.across;
    }
    placed.size[0] = (left - gaps.across).max(0.0);
    placed
}

/// Raises the height of each row to that of the tree's boxes in it.
fn measure_rows(tree: &Tree, depth: usize, rows: &mut Vec<f32>) {
    if rows.len() <= depth {
        rows.push(0.0);
    }
    rows[depth] = rows[depth].max(tree.size[1]);
    tree.children.iter().for_each(|child| measure_rows(child, depth + 1, rows));
}

/// The width that a tree takes with everything below it.
fn span(tree: &Tree, gaps: Gaps) -> f32 {
    tree.size[0].max(children_span(tree, gaps))
}

fn children_span(tree: &Tree, gaps: Gaps) -> f32 {
    let spans: f32 = tree.children.iter().map(|child| span(child, gaps)).sum();
    spans + gaps.across * tree.children.len().saturating_sub(1) as f32
}

fn place(tree: &Tree, left: f32, depth: usize, tops: &[f32], gaps: Gaps, corners: &mut Vec<[f32; 2]>) {
    let width = span(tree, gaps);
    corners.push([left + (width - tree.size[0]) / 2.0, tops[depth]]);
    let mut left = left + (width - children_span(tree, gaps)) / 2.0;
    for child in &tree.children {
        place(child, left, depth + 1, tops, gaps, corners);
        left += span(child, gaps) + gaps.across;
    }
}

/// Equal boxes in rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// Boxes in a full row.
    pub columns: usize,
    /// Width and height of a box.
    pub cell: [f32; 2],
    /// Distances between boxes.
    pub gaps: Gaps,
    /// Width and height of all of it.
    pub size: [f32; 2],
}

impl Grid {
    /// A grid for `count` boxes that is no wider than `room`, its rows as even as they can be. One column always fits.
    pub fn new(count: usize, cell: [f32; 2], gaps: Gaps, room: f32) -> Self {
        let fitting = ((room + gaps.across) / (cell[0] + gaps.across)).floor().max(1.0) as usize;
        let rows = count.div_ceil(fitting);
        let columns = if rows == 0 { 0 } else { count.div_ceil(rows) };
        let extent = |count: usize, cell: f32, gap: f32| (count as f32 * (cell + gap) - gap).max(0.0);
        let size = [extent(columns, cell[0], gaps.across), extent(rows, cell[1], gaps.down)];
        Self { columns, cell, gaps, size }
    }
    /// The upper left corner of the box with this number, from 0.
    pub fn corner(&self, number: usize) -> [f32; 2] {
        let columns = self.columns.max(1);
        let (column, row) = ((number % columns) as f32, (number / columns) as f32);
        [column * (self.cell[0] + self.gaps.across), row * (self.cell[1] + self.gaps.down)]
    }
}

/// Places boxes in rows no wider than `room`, as words flow in a paragraph.
pub fn flow(sizes: &[[f32; 2]], gaps: Gaps, room: f32) -> Placed {
    let mut placed = Placed::default();
    let (mut x, mut y, mut row_height) = (0.0_f32, 0.0_f32, 0.0_f32);
    for &[width, height] in sizes {
        if x > 0.0 && x + width > room {
            (x, y, row_height) = (0.0, y + row_height + gaps.down, 0.0);
        }
        placed.corners.push([x, y]);
        row_height = row_height.max(height);
        placed.size = [placed.size[0].max(x + width), y + row_height];
        x += width + gaps.across;
    }
    placed
}

/// How much a picture is made smaller to fit a room, at most to its own size, and where its corner is then so that
/// it stands in the middle.
pub fn fit(size: [f32; 2], room: [f32; 2]) -> (f32, [f32; 2]) {
    let scale = (room[0] / size[0].max(1.0)).min(room[1] / size[1].max(1.0)).min(1.0);
    (scale, [0, 1].map(|axis| (room[axis] - size[axis] * scale) / 2.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GAPS: Gaps = Gaps { across: 10.0, down: 20.0 };

    fn leaf(width: f32, height: f32) -> Tree {
        Tree { size: [width, height], children: Vec::new() }
    }

    #[test]
    fn parents_stand_centred_above_their_children() {
        let tree = Tree {
            size: [60.0, 30.0],
            children: vec![
                Tree {
                    size: [50.0, 40.0],
                    children: vec![leaf(20.0, 10.0), leaf(20.0, 15.0), leaf(20.0, 10.0)],
                },
                leaf(40.0, 20.0),
            ],
        };
        let placed = trees(&[tree, leaf(30.0, 10.0)], GAPS);
        let expected = [
            [35.0, 0.0],  // the root, above 130 pixels
            [15.0, 50.0], // the first child, above 80
            [0.0, 110.0],
            [30.0, 110.0],
            [60.0, 110.0],
            [90.0, 50.0],
            [140.0, 0.0],
        ];
        assert_eq!(placed.corners, expected);
        assert_eq!(placed.size, [170.0, 125.0]);
    }

    #[test]
    fn a_parent_wider_than_its_children_keeps_its_room() {
        let placed =
            trees(&[Tree { size: [100.0, 10.0], children: vec![leaf(20.0, 10.0)] }, leaf(10.0, 10.0)], GAPS);
        assert_eq!(placed.corners, [[0.0, 0.0], [40.0, 30.0], [110.0, 0.0]]);
        assert_eq!(trees(&[], GAPS), Placed::default());
    }

    #[test]
    fn a_grid_fills_its_rows_evenly() {
        let grid = |count, room| Grid::new(count, [50.0, 30.0], GAPS, room);
        for (count, room, columns, size) in [
            (0, 500.0, 0, [0.0, 0.0]),
            (3, 500.0, 3, [170.0, 30.0]),
            (3, 170.0, 3, [170.0, 30.0]),
            (4, 170.0, 2, [110.0, 80.0]),
            (7, 170.0, 3, [170.0, 130.0]),
            (2, 10.0, 1, [50.0, 80.0]),
        ] {
            let grid = grid(count, room);
            assert_eq!((grid.columns, grid.size), (columns, size), "{count} in {room}");
        }
        assert_eq!(grid(4, 170.0).corner(3), [60.0, 50.0]);
    }

    #[test]
    fn boxes_flow_into_the_next_row() {
        let placed = flow(&[[40.0, 10.0], [40.0, 20.0], [40.0, 10.0], [200.0, 10.0]], GAPS, 100.0);
        assert_eq!(placed.corners, [[0.0, 0.0], [50.0, 0.0], [0.0, 40.0], [0.0, 70.0]]);
        assert_eq!(placed.size, [200.0, 80.0]);
    }

    #[test]
    fn a_picture_is_made_smaller_but_never_larger() {
        assert_eq!(fit([200.0, 100.0], [100.0, 100.0]), (0.5, [0.0, 25.0]));
        assert_eq!(fit([50.0, 50.0], [100.0, 70.0]), (1.0, [25.0, 10.0]));
    }
}
